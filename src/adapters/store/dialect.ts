import type { CreateTableBuilder } from 'kysely';

/**
 * What differs between databases. Everything else (queries, migrations, documents) is written once, in SQL that
 * every dialect of Kysely has; a second database brings its own value of this and nothing more.
 */
export interface StoreDialect {
  /** Adds the column `seq`: primary key, counted up by the database, never used twice. */
  addSequence<Table extends string>(table: CreateTableBuilder<Table>): CreateTableBuilder<Table, 'seq'>;
}
