import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { chooseConnection } from '../../core/database/choose-connection.ts';
import { InternalError } from '../../core/errors.ts';
import type { DatabaseAccess, Databases } from '../../core/ports/databases.ts';
import type { ProcessSpec } from '../../core/ports/processes.ts';
import { FAILURE_LINE, RESULT_LINE } from './child-plan.ts';
import { findConnectionUrl } from './connection-url.ts';
import { activitySchema, explanationSchema, WATCHING_LINE, type DatabaseChildPlan } from './database-plan.ts';
import { failureSchema, toError } from './failure.ts';
import { inherit, type QueriesOptions } from './queries.ts';

/** The notes' measured distance: a poll takes 1 to 2 ms, and a wait of one lock_timeout of 50 ms is still seen. */
const POLL_EVERY_MS = 20;
/** A poll, the second reading of pg_stat_statements and the end of the connection. */
const STOP_GRACE_MS = 5_000;
/** All statements, each with its own limit in the database. */
const EXPLAIN_LIMIT_MS = 120_000;

type Task =
  | Pick<Extract<DatabaseChildPlan, { task: 'watch' }>, 'task' | 'everyMs'>
  | Pick<Extract<DatabaseChildPlan, { task: 'explain' }>, 'task' | 'statements'>;

/** The program's database, looked at by processes of our own beside it. */
export function createDatabases(options: QueriesOptions): Databases {
  const { processes, baseEnv } = options;
  return {
    async findUrl({ env, directory }) {
      const variables = (source: Readonly<Record<string, string | undefined>>) =>
        Object.entries(source).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
      const sources = [env, baseEnv, await readDotEnv(directory)];
      return chooseConnection(sources.map(variables));
    },
    async watch(access, signal) {
      const said = createSayings();
      const child = processes.spawn(
        await toSpec(options, access, { task: 'watch', everyMs: POLL_EVERY_MS }, said),
      );
      const onAbort = () => void child.kill(0);
      signal.addEventListener('abort', onAbort, { once: true });
      const stop = async (graceMs: number) => {
        await child.kill(graceMs);
        signal.removeEventListener('abort', onAbort);
        signal.throwIfAborted();
      };
      await Promise.race([said.watching, child.exited]);
      if (!said.isWatching()) {
        await stop(0);
        throw said.failure(child.output().stderr);
      }
      return {
        async stop() {
          await stop(STOP_GRACE_MS);
          if (said.result() === undefined) throw said.failure(child.output().stderr);
          return activitySchema.parse(JSON.parse(said.result() ?? ''));
        },
      };
    },
    async explain(access, statements, signal) {
      const said = createSayings();
      const spec = await toSpec(options, access, { task: 'explain', statements }, said);
      const ended = await processes.run(spec, { timeoutMs: EXPLAIN_LIMIT_MS, signal });
      const result = said.result();
      if (result === undefined) throw said.failure(ended.stderr);
      return explanationSchema.parse(JSON.parse(result));
    },
  };
}

/** What the child has said so far. */
function createSayings() {
  let watching = false;
  let result: string | undefined;
  let failure: string | undefined;
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return {
    hear(line: string): void {
      if (line === WATCHING_LINE) {
        watching = true;
        begin();
      }
      if (line.startsWith(RESULT_LINE)) result = line.slice(RESULT_LINE.length);
      if (line.startsWith(FAILURE_LINE)) failure = line.slice(FAILURE_LINE.length);
    },
    watching: begun,
    isWatching: () => watching,
    result: () => result,
    failure(stderr: string): Error {
      if (failure !== undefined) return toError(failureSchema.parse(JSON.parse(failure)));
      return new InternalError('internal', 'The process that looks at the database ended without a result.', {
        fix: 'Take the pass again; if it stays so, report it with the output.',
        output: stderr,
      });
    },
  };
}

async function toSpec(
  { childFile, baseEnv, allowHosts }: QueriesOptions,
  { database, directory, env, runId }: DatabaseAccess,
  task: Task,
  said: { hear(line: string): void },
): Promise<ProcessSpec> {
  const plan: DatabaseChildPlan = {
    parentPid: process.pid,
    database:
      database.engine === 'postgres'
        ? {
            engine: 'postgres',
            url: await findConnectionUrl(database.urlEnv, { env, baseEnv, directory }),
            allowHosts,
          }
        : { engine: 'sqlite', path: join(directory, database.file) },
    ...task,
  };
  return {
    command: [process.execPath, childFile],
    cwd: directory,
    env: { ...inherit(baseEnv), DEEP_OPTIMIZE_RUN: runId },
    input: JSON.stringify(plan),
    onLine: (line, stream) => {
      if (stream === 'stdout') said.hear(line);
    },
  };
}

/** One that cannot be read names no database; the program will say what it thinks of it. */
async function readDotEnv(directory: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return parseEnv(await readFile(join(directory, '.env'), 'utf8'));
  } catch {
    return {};
  }
}
