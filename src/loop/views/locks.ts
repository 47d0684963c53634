import type { DatabaseFacts } from '../../core/database/model.ts';
import { readStored } from './trace-evidence.ts';
import type { View } from './view.ts';

/** Who waited for a lock, and what the sessions in the way ran last in their transactions. */
export const locksView: View = {
  name: 'locks',
  of: 'database',
  async show(context) {
    const { locks } = await readStored<DatabaseFacts>(context);
    return {
      subject: null,
      columns: [
        { key: 'samples', title: 'seen', as: 'count' },
        { key: 'what', title: 'what', as: 'tree' },
      ],
      rows: locks.flatMap(({ samples, waiting, lock, relation, blockers }) => [
        {
          depth: 0,
          samples,
          what: `waits for ${lock}${relation === null ? '' : ` of ${relation}`}: ${waiting.text}`,
        },
        ...blockers.map((blocker) => ({
          depth: 1,
          samples: blocker.samples,
          what: `held by a session that is ${blocker.state}, last ran: ${blocker.text}`,
        })),
      ]),
      basis: 'samples of pg_stat_activity',
    };
  },
};
