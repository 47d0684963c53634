import type { Kysely, Migration } from 'kysely';
import type { StoreDialect } from '../dialect.ts';

/** Migrations see no table types: those describe the newest schema, a migration its own moment. */
export function initial(dialect: StoreDialect): Migration {
  return {
    up: async (db: Kysely<never>): Promise<void> => {
      const listed = (table: string) =>
        dialect
          .addSequence(db.schema.createTable(table))
          .addColumn('id', 'text', (column) => column.notNull().unique())
          .addColumn('created_at', 'text', (column) => column.notNull());
      const index = (table: string, columns: readonly string[]) =>
        db.schema
          .createIndex(`${table}_by_${columns.join('_')}`)
          .on(table)
          .columns([...columns])
          .execute();

      await listed('runs')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('workload', 'text')
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('owner_pid', 'integer', (column) => column.notNull())
        .addColumn('owner_started_at', 'text', (column) => column.notNull())
        .addColumn('ended_at', 'text')
        .addColumn('progress', 'text', (column) => column.notNull())
        .addColumn('result', 'text')
        .addColumn('error', 'text')
        .execute();
      await index('runs', ['state', 'seq']);

      await listed('baselines')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('workload', 'text', (column) => column.notNull())
        .addColumn('snapshot_id', 'text', (column) => column.notNull())
        .addColumn('effort', 'text', (column) => column.notNull())
        .addColumn('samples', 'integer', (column) => column.notNull())
        .addColumn('document', 'text', (column) => column.notNull())
        .execute();
      await index('baselines', ['workload', 'seq']);

      await listed('bottlenecks')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('workload', 'text', (column) => column.notNull())
        .addColumn('rank', 'integer', (column) => column.notNull())
        .addColumn('document', 'text', (column) => column.notNull())
        .execute();
      await index('bottlenecks', ['run_id', 'rank']);
      await index('bottlenecks', ['workload', 'seq']);

      await listed('evidence')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('workload', 'text', (column) => column.notNull())
        .addColumn('document', 'text', (column) => column.notNull())
        .execute();
      await index('evidence', ['run_id', 'seq']);
      await index('evidence', ['workload', 'seq']);

      await listed('experiments')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('workload', 'text', (column) => column.notNull())
        .addColumn('baseline_id', 'text', (column) => column.notNull())
        .addColumn('candidate_snapshot_id', 'text', (column) => column.notNull())
        .addColumn('hypothesis', 'text')
        .addColumn('strategy_id', 'text')
        .addColumn('verdict', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('decision_kind', 'text')
        .addColumn('decision_id', 'text')
        .addColumn('document', 'text', (column) => column.notNull())
        .execute();
      await index('experiments', ['workload', 'seq']);
      await index('experiments', ['baseline_id', 'seq']);

      await listed('artifacts')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('mime_type', 'text', (column) => column.notNull())
        .addColumn('file', 'text', (column) => column.notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .execute();

      for (const [table, owners] of [
        ['baseline_samples', 'baselines'],
        ['experiment_samples', 'experiments'],
      ] as const) {
        await db.schema
          .createTable(table)
          .addColumn('owner_id', 'text', (column) => column.notNull().references(`${owners}.id`))
          .addColumn('ordinal', 'integer', (column) => column.notNull())
          .addColumn('document', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint(`${table}_key`, ['owner_id', 'ordinal'])
          .execute();
      }
    },
  };
}
