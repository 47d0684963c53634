import { exitWithParent } from '../../children/exit-with-parent.ts';
import { readAll } from '../../children/read-all.ts';
import { FAILURE_LINE, RESULT_LINE } from './child-plan.ts';
import { WATCHING_LINE, type DatabaseChildPlan } from './database-plan.ts';
import { explainPostgres } from './explain-postgres.ts';
import { explainSqlite } from './explain-sqlite.ts';
import { toFailure } from './failure.ts';
import { connectPostgres } from './postgres-connection.ts';
import { createRedaction } from './redact.ts';
import { watchActivity } from './watch-activity.ts';

/**
 * The process that looks at the program's database: plan as JSON on stdin until its end, the result or the failure as last line
 * of stdout. A process of its own, since a poll every 20 ms must not wait for anything else; SIGTERM ends a watch in order.
 */
async function main(): Promise<void> {
  const stopped = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
  // Only our own parent writes the plan, from the same build: the shape is the type.
  const plan = JSON.parse(await readAll(process.stdin)) as DatabaseChildPlan;
  exitWithParent(plan.parentPid);
  const { database } = plan;
  const clean = database.engine === 'postgres' ? createRedaction(database.url) : (text: string) => text;
  try {
    say(`${RESULT_LINE}${JSON.stringify(await look(plan, stopped))}`);
  } catch (error) {
    say(`${FAILURE_LINE}${JSON.stringify(toFailure(error, clean))}`);
  }
}

async function look(plan: DatabaseChildPlan, stopped: Promise<void>): Promise<unknown> {
  const { database } = plan;
  if (database.engine === 'sqlite') {
    return plan.task === 'explain' ? explainSqlite(database.path, plan.statements) : null;
  }
  const client = await connectPostgres(database);
  try {
    if (plan.task === 'explain') return await explainPostgres(client, plan.statements);
    const onBegin = () => process.stdout.write(`${WATCHING_LINE}\n`);
    return await watchActivity(client, { everyMs: plan.everyMs, stopped, onBegin });
  } finally {
    await client.end();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`, () => process.exit(0));
}

await main();
