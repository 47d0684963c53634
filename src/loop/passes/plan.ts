import { toStatementFacts } from '../../core/database/to-facts.ts';
import { InputError } from '../../core/errors.ts';
import { normalizeStatement } from '../../core/trace/normalize-statement.ts';
import type { WorkloadStatement } from '../kinds/measurer.ts';
import { accessTo, attempt, keepFacts, warnOfSkipped } from './database.ts';
import type { Pass, PassContext } from './pass.ts';

/** Parameter sets that are planned: whether values change the plan shows in a few of them. */
const MOST_SETS = 5;

/** How the database goes about the statement that the workload is. */
export const planPass: Pass = {
  id: 'plan',
  doing: 'asking for the plan of the statement',
  weight: 0.5,
  applies: ({ measurer }) => measurer.statement !== undefined,
  async run(context) {
    const { measurer, ports, run } = context;
    if (measurer.statement === undefined) return { facts: {} };
    const { database, params } = measurer.statement;
    const sql = await readStatement(context, measurer.statement);
    const { text, fingerprint } = normalizeStatement(sql, database.engine);
    const explained = await attempt(context, () =>
      ports.databases.explain(
        accessTo(context, database),
        // SQLite plans without values.
        params
          .slice(0, database.engine === 'sqlite' ? 1 : MOST_SETS)
          .map((set) => ({ fingerprint, sql, params: set })),
        run.signal,
      ),
    );
    if (explained.value === undefined) return { facts: {}, warnings: explained.warnings };
    const { sql: given } = measurer.statement;
    const facts = toStatementFacts(
      database.engine,
      { text, ...('file' in given ? { file: given.file } : {}) },
      explained.value,
    );
    return {
      facts: { database: facts },
      evidence: facts.plans.length === 0 ? [] : [await keepFacts(context, 'Plan of the statement', facts)],
      warnings: warnOfSkipped(explained.value),
    };
  },
};

/** Of the snapshot: the file may be edited meanwhile. */
async function readStatement(
  { project, snapshot }: PassContext,
  { sql }: WorkloadStatement,
): Promise<string> {
  if ('text' in sql) return sql.text;
  const text = await project.snapshots.readFile(snapshot, sql.file);
  if (text !== undefined) return text;
  throw new InputError('sql_invalid', `The SQL file ${JSON.stringify(sql.file)} is not in the snapshot.`, {
    fix: 'Correct "file" of the workload; the file must not be ignored by git.',
  });
}
