import type { Kysely, Selectable } from 'kysely';
import { InternalError } from '../../core/errors.ts';
import { runSchema } from '../../core/model/run.ts';
import type { Run } from '../../core/model/run.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { checkNewId, encode, fit, readable } from './documents.ts';
import type { OnUnreadable } from './documents.ts';
import { boundsOf } from './pages.ts';
import type { RunTable, Tables } from './schema.ts';

export function createRuns(db: Kysely<Tables>, onUnreadable: OnUnreadable): Store['runs'] {
  return {
    create: async (run) => {
      encode(runSchema, run.id, run);
      await db
        .insertInto('runs')
        .values({
          id: checkNewId(run.id),
          kind: run.kind,
          tool: run.tool,
          workload: run.workload,
          key: run.key,
          state: run.state,
          owner_pid: run.owner.pid,
          owner_started_at: run.owner.started_at,
          created_at: run.created_at,
          ended_at: run.ended_at,
          progress: encode(runSchema.shape.progress, run.id, run.progress),
          result: toText(run.result),
          error: toText(run.error),
        })
        .execute();
    },
    update: async (id, change) => {
      const set = {
        ...('state' in change ? { state: encodeState(id, change.state) } : {}),
        ...('progress' in change ? { progress: encode(runSchema.shape.progress, id, change.progress) } : {}),
        ...('result' in change ? { result: toText(change.result) } : {}),
        ...('error' in change ? { error: toText(change.error) } : {}),
        ...('ended_at' in change ? { ended_at: change.ended_at } : {}),
      };
      if (Object.keys(set).length === 0) return;
      const updated = await db.updateTable('runs').set(set).where('id', '=', id).executeTakeFirst();
      if (updated.numUpdatedRows === 0n) {
        throw new InternalError('internal', `There is no run ${JSON.stringify(id)} to update.`, {
          fix: 'Please report this as a defect of deep-optimize.',
        });
      }
    },
    get: async (id) => {
      if (!isRecordId(id)) return undefined;
      const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRun(row);
    },
    list: async (page) => {
      const { below, limit } = await boundsOf(db, 'runs', page);
      let query = db.selectFrom('runs').selectAll().orderBy('seq', 'desc').limit(limit);
      if (page.state !== undefined) query = query.where('state', '=', page.state);
      if (below !== undefined) query = query.where('seq', '<', below);
      return readable(await query.execute(), toRun, onUnreadable);
    },
  };
}

function toRun(row: Selectable<RunTable>): Run {
  return fit(runSchema, row.id, {
    id: row.id,
    kind: row.kind,
    tool: row.tool,
    workload: row.workload,
    key: row.key,
    state: row.state,
    progress: fromText(row.id, row.progress),
    owner: { pid: row.owner_pid, started_at: row.owner_started_at },
    result: fromText(row.id, row.result),
    error: fromText(row.id, row.error),
    created_at: row.created_at,
    ended_at: row.ended_at,
  });
}

function encodeState(id: string, state: Run['state']): Run['state'] {
  return fit(runSchema.shape.state, id, state);
}

function toText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function fromText(id: string, text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InternalError('internal', `The record ${id} cannot be read: it is not JSON.`, {
      fix: 'The other records are not affected. Please report this as a defect of deep-optimize.',
      cause,
    });
  }
}
