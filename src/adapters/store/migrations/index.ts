import type { Migration } from 'kysely';
import type { StoreDialect } from '../dialect.ts';
import { initial } from './0001-initial.ts';

/**
 * In order of their names, each run once and in one transaction. A released migration is never edited: records are
 * read by the schemas of core/model, so a change there that old records don't fit comes with a migration of them.
 */
export function migrations(dialect: StoreDialect): Readonly<Record<string, Migration>> {
  return { '0001-initial': initial(dialect) };
}
