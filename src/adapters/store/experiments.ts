import type { Kysely } from 'kysely';
import { experimentSchema } from '../../core/model/experiment.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { checkNewId, decode, encode, fit } from './documents.ts';
import { boundsOf, unknownId } from './pages.ts';
import { insertSamples, selectSamples } from './samples.ts';
import type { Tables } from './schema.ts';

export function createExperiments(db: Kysely<Tables>): Store['experiments'] {
  const rows = () =>
    db
      .selectFrom('experiments')
      .select(['id', 'workload', 'baseline_id', 'hypothesis', 'strategy_id', 'verdict', 'reason'])
      .select(['decision_kind as decision', 'created_at']);
  /** Stopped by the machine before anything was timed: no chance of a verdict. */
  const stoppedIds = async (): Promise<readonly string[]> => {
    const invalid = db.selectFrom('experiments').select(['id', 'document']).where('verdict', '=', 'invalid');
    return (await invalid.execute())
      .map((row) => decode(experimentSchema, row.id, row.document))
      .filter(({ failure, blocks }) => failure?.side === 'machine' && blocks === 0)
      .map(({ id }) => id);
  };
  return {
    create: async (experiment, samples) => {
      const row = {
        id: checkNewId(experiment.id),
        created_at: experiment.created_at,
        run_id: experiment.run_id,
        workload: experiment.workload,
        baseline_id: experiment.baseline_id,
        candidate_snapshot_id: experiment.candidate_snapshot.id,
        hypothesis: experiment.hypothesis,
        strategy_id: experiment.strategy_id,
        verdict: experiment.verdict,
        reason: experiment.reason,
        decision_kind: experiment.decision?.kind ?? null,
        decision_id: experiment.decision?.id ?? null,
        document: encode(experimentSchema, experiment.id, experiment),
      };
      await db.transaction().execute(async (transaction) => {
        await transaction.insertInto('experiments').values(row).execute();
        await insertSamples(transaction, 'experiment_samples', experiment.id, samples);
      });
    },
    get: async (id) => {
      if (!isRecordId(id)) return undefined;
      const row = await db
        .selectFrom('experiments')
        .select(['id', 'decision_kind', 'decision_id', 'document'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const experiment = decode(experimentSchema, row.id, row.document);
      const decision = row.decision_kind === null ? null : { kind: row.decision_kind, id: row.decision_id };
      return { ...experiment, decision: fit(experimentSchema.shape.decision, row.id, decision) };
    },
    samples: (id) => selectSamples(db, 'experiment_samples', id),
    decide: async (id, decision) => {
      const { kind, id: decisionId } = decision;
      const updated = isRecordId(id)
        ? await db
            .updateTable('experiments')
            .set({ decision_kind: kind, decision_id: decisionId })
            .where('id', '=', id)
            .executeTakeFirst()
        : undefined;
      if (updated === undefined || updated.numUpdatedRows === 0n) throw unknownId(id);
    },
    list: async (filter) => {
      const { below, limit } = await boundsOf(db, 'experiments', filter);
      let query = rows().orderBy('seq', 'desc').limit(limit);
      if (filter.workload !== undefined) query = query.where('workload', '=', filter.workload);
      if (filter.baselineId !== undefined) query = query.where('baseline_id', '=', filter.baselineId);
      if (below !== undefined) query = query.where('seq', '<', below);
      return query.execute();
    },
    ofRun: (runId) => rows().where('run_id', '=', runId).orderBy('seq').execute(),
    tally: async (workload) => {
      let query = db
        .selectFrom('experiments')
        .select(['verdict', 'decision_kind as decision'])
        .select((e) => e.fn.countAll<number | string>().as('n'))
        .groupBy(['verdict', 'decision_kind'])
        .orderBy('verdict')
        .orderBy('decision_kind');
      if (workload !== undefined) query = query.where('workload', '=', workload);
      return (await query.execute()).map((row) => ({ ...row, n: Number(row.n) }));
    },
    ledger: async ({ workload, limit }) => {
      let query = db
        .selectFrom('experiments')
        .select(['baseline_id', 'workload'])
        .select((e) => [
          e.fn.countAll<number | string>().as('attempts'),
          e.fn.count<number | string>('candidate_snapshot_id').distinct().as('candidates'),
        ])
        .groupBy(['baseline_id', 'workload'])
        .orderBy((e) => e.fn.max('seq'), 'desc')
        .limit(limit);
      if (workload !== undefined) query = query.where('workload', '=', workload);
      const stopped = await stoppedIds();
      if (stopped.length > 0) query = query.where('id', 'not in', stopped);
      return (await query.execute()).map((row) => ({
        ...row,
        attempts: Number(row.attempts),
        candidates: Number(row.candidates),
      }));
    },
    count: async ({ baselineId, candidateSnapshotId }) => {
      let query = db.selectFrom('experiments').select((e) => e.fn.countAll<number | string>().as('n'));
      if (baselineId !== undefined) query = query.where('baseline_id', '=', baselineId);
      if (candidateSnapshotId !== undefined)
        query = query.where('candidate_snapshot_id', '=', candidateSnapshotId);
      const stopped = await stoppedIds();
      if (stopped.length > 0) query = query.where('id', 'not in', stopped);
      // PostgreSQL answers a count as text.
      return Number((await query.executeTakeFirstOrThrow()).n);
    },
  };
}
