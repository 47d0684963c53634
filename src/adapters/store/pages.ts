import type { Kysely } from 'kysely';
import { InputError } from '../../core/errors.ts';
import type { Page } from '../../core/ports/store.ts';
import { isRecordId } from '../../core/state-layout.ts';
import type { ListedTable, Tables } from './schema.ts';

const MAX_LIMIT = 500;

/** Where a page starts (exclusive) and how long it is. */
export interface PageBounds {
  readonly below: number | undefined;
  readonly limit: number;
}

export async function boundsOf(db: Kysely<Tables>, table: ListedTable, page: Page): Promise<PageBounds> {
  const limit = Math.min(Math.max(Math.trunc(page.limit), 1), MAX_LIMIT);
  if (page.before === undefined) return { below: undefined, limit };
  const row = isRecordId(page.before)
    ? await db.selectFrom(table).select('seq').where('id', '=', page.before).executeTakeFirst()
    : undefined;
  if (row === undefined) throw unknownId(page.before);
  return { below: row.seq, limit };
}

export function unknownId(id: string): InputError {
  return new InputError('unknown_id', `No record has the id ${JSON.stringify(id.slice(0, 80))}.`, {
    fix: 'Use an id from get_history.',
    next: [{ tool: 'get_history', arguments: {}, why: 'lists the records with their ids' }],
  });
}
