import type { Kysely } from 'kysely';
import { bottleneckSchema, evidenceSchema } from '../../core/model/evidence.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { checkNewId, decode, encode, readable } from './documents.ts';
import type { OnUnreadable } from './documents.ts';
import { boundsOf } from './pages.ts';
import type { Tables } from './schema.ts';

/** A run leaves up to five pieces of evidence; who compares looks at the last few runs. */
const MOST_EARLIER = 50;

interface DocumentRow {
  readonly id: string;
  readonly document: string;
}

export function createBottlenecks(db: Kysely<Tables>, onUnreadable: OnUnreadable): Store['bottlenecks'] {
  const toBottleneck = (row: DocumentRow) => decode(bottleneckSchema, row.id, row.document);
  const toEvidence = (row: DocumentRow) => decode(evidenceSchema, row.id, row.document);

  const newest = async (table: 'bottlenecks' | 'evidence', workload: string | undefined) => {
    let query = db.selectFrom(table).select(['run_id', 'created_at']).orderBy('seq', 'desc').limit(1);
    if (workload !== undefined) query = query.where('workload', '=', workload);
    return query.executeTakeFirst();
  };

  /** The newest run may have found nothing: then its evidence tells that it was, and older findings are not the answer. */
  const newestRun = async (workload: string | undefined): Promise<string | undefined> => {
    const found = await newest('bottlenecks', workload);
    const captured = await newest('evidence', workload);
    if (found === undefined || captured === undefined) return (found ?? captured)?.run_id;
    return captured.created_at > found.created_at ? captured.run_id : found.run_id;
  };

  const ofRun = async (runId: string, workload?: string) => {
    let query = db
      .selectFrom('bottlenecks')
      .select(['id', 'document'])
      .where('run_id', '=', runId)
      .orderBy('rank')
      .orderBy('seq');
    if (workload !== undefined) query = query.where('workload', '=', workload);
    return readable(await query.execute(), toBottleneck, onUnreadable);
  };

  return {
    create: async (bottlenecks, evidence) => {
      const found = bottlenecks.map((bottleneck) => ({
        id: checkNewId(bottleneck.id),
        created_at: bottleneck.created_at,
        run_id: bottleneck.run_id,
        workload: bottleneck.workload,
        rank: bottleneck.rank,
        document: encode(bottleneckSchema, bottleneck.id, bottleneck),
      }));
      const captured = evidence.map((item) => ({
        id: checkNewId(item.id),
        created_at: item.created_at,
        run_id: item.run_id,
        workload: item.workload,
        document: encode(evidenceSchema, item.id, item),
      }));
      await db.transaction().execute(async (transaction) => {
        for (const row of captured) await transaction.insertInto('evidence').values(row).execute();
        for (const row of found) await transaction.insertInto('bottlenecks').values(row).execute();
      });
    },
    get: async (id) => {
      if (!isRecordId(id)) return undefined;
      const row = await db
        .selectFrom('bottlenecks')
        .select(['id', 'document'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toBottleneck(row);
    },
    latest: async (workload) => {
      const run = await newestRun(workload);
      return run === undefined ? [] : ofRun(run, workload);
    },
    ofRun: (runId) => ofRun(runId),
    list: async (page) => {
      const { below, limit } = await boundsOf(db, 'bottlenecks', page);
      let query = db.selectFrom('bottlenecks').select(['id', 'document']).orderBy('seq', 'desc').limit(limit);
      if (below !== undefined) query = query.where('seq', '<', below);
      return readable(await query.execute(), toBottleneck, onUnreadable);
    },
    evidence: async (id) => {
      if (!isRecordId(id)) return undefined;
      const row = await db
        .selectFrom('evidence')
        .select(['id', 'document'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toEvidence(row);
    },
    latestEvidence: async (workload) => {
      const captured = await newest('evidence', workload);
      if (captured === undefined) return [];
      let query = db
        .selectFrom('evidence')
        .select(['id', 'document'])
        .where('run_id', '=', captured.run_id)
        .orderBy('seq');
      if (workload !== undefined) query = query.where('workload', '=', workload);
      return readable(await query.execute(), toEvidence, onUnreadable);
    },
    evidenceBefore: async ({ id, run_id, workload }) => {
      const rows = await db
        .selectFrom('evidence')
        .select(['id', 'document'])
        .where('workload', '=', workload)
        .where('run_id', '!=', run_id)
        .where('seq', '<', (inner) => inner.selectFrom('evidence').select('seq').where('id', '=', id))
        .orderBy('seq', 'desc')
        .limit(MOST_EARLIER)
        .execute();
      return readable(rows, toEvidence, onUnreadable);
    },
  };
}
