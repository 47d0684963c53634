import type { Kysely } from 'kysely';
import { baselineSchema } from '../../core/model/measurement.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { checkNewId, decode, encode } from './documents.ts';
import { boundsOf } from './pages.ts';
import { insertSamples, selectSamples } from './samples.ts';
import type { Tables } from './schema.ts';

export function createBaselines(db: Kysely<Tables>): Store['baselines'] {
  const atEnd = async (workload: string, order: 'asc' | 'desc') => {
    const row = await db
      .selectFrom('baselines')
      .select(['id', 'document'])
      .where('workload', '=', workload)
      .orderBy('seq', order)
      .limit(1)
      .executeTakeFirst();
    return row && decode(baselineSchema, row.id, row.document);
  };
  return {
    create: async (baseline, samples) => {
      const row = {
        id: checkNewId(baseline.id),
        created_at: baseline.created_at,
        run_id: baseline.run_id,
        workload: baseline.workload,
        snapshot_id: baseline.snapshot.id,
        effort: baseline.effort,
        samples: baseline.samples,
        document: encode(baselineSchema, baseline.id, baseline),
      };
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto('baselines').values(row).execute();
        await insertSamples(transaction, 'baseline_samples', baseline.id, samples);
      });
    },
    get: async (id) => {
      if (!isRecordId(id)) return undefined;
      const row = await db
        .selectFrom('baselines')
        .select(['id', 'document'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row && decode(baselineSchema, row.id, row.document);
    },
    samples: (id) => selectSamples(db, 'baseline_samples', id),
    first: (workload) => atEnd(workload, 'asc'),
    latest: (workload) => atEnd(workload, 'desc'),
    list: async (filter) => {
      const { below, limit } = await boundsOf(db, 'baselines', filter);
      let query = db
        .selectFrom('baselines')
        .select(['id', 'workload', 'snapshot_id', 'effort', 'samples', 'created_at'])
        .orderBy('seq', 'desc')
        .limit(limit);
      if (filter.workload !== undefined) query = query.where('workload', '=', filter.workload);
      if (filter.baselineId !== undefined) query = query.where('id', '=', filter.baselineId);
      if (below !== undefined) query = query.where('seq', '<', below);
      return query.execute();
    },
  };
}
