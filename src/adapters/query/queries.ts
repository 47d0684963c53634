import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { behaviourSchema } from '../../core/behaviour/observation-schema.ts';
import { EnvironmentError, InputError, InternalError, TargetError } from '../../core/errors.ts';
import type { DeepOptimizeError } from '../../core/errors.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { Queries, QueryObservePlan, QueryMeasurement, QueryPlan } from '../../core/ports/queries.ts';
import { MIN_EXECUTIONS } from '../../core/query/executions.ts';
import { FAILURE_LINE, RESULT_LINE, WINDOW_LINE } from './child-plan.ts';
import type { ObservePlan, MeasurePlan, QueryChildPlan } from './child-plan.ts';
import { findConnectionUrl } from './connection-url.ts';
import { failureSchema, toError } from './failure.ts';
import { watchSilence } from './watch-silence.ts';

export interface QueriesOptions {
  readonly processes: Processes;
  /** Built file of `child-query.ts`. */
  readonly childFile: string;
  /** The server's environment, in which the URL is looked for by name. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Hosts beside loopback that may be used, named when the server was registered. */
  readonly allowHosts: readonly string[];
}

/** Start, connection, warm-up and end on a busy machine, beside the executions. */
const OVERHEAD_MS = 60_000;

/** Observations are bounded (core/behaviour/bound-value.ts); as JSON a text may take several bytes a character. */
const KEEP_BYTES = 64 * 1024 * 1024;

/** How much longer than an execution may take this process waits: the database gives up by itself before, where it can. */
const GRACE_MS = 5_000;

/**
 * What a Node.js process needs to start (the last four on Windows), and where ~/.pgpass is. PGHOST and its like are left
 * out: the URL alone says which database is meant.
 */
const INHERITED = ['PATH', 'HOME', 'PGPASSFILE', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP', 'USERPROFILE'];

const measurementSchema: z.ZodType<QueryMeasurement> = z.object({
  wallMs: z.number(),
  wallLowMs: z.number(),
  rows: z.number(),
  executions: z.number(),
  cutShort: z.boolean(),
  durationMs: z.number(),
  clientCpuUs: z.number(),
  serverCpuUs: z.number().nullable(),
  analysis: z
    .object({ planningMs: z.number(), executionMs: z.number(), buffers: z.number() })
    .exactOptional(),
});

/** Statements, each executed by a process of its own: a fresh connection, and a driver that cannot disturb the server. */
export function createQueries(options: QueriesOptions): Queries {
  return {
    async measure(plan, signal) {
      const { warmupMs, executions, limitMs, seed, analyze } = plan;
      const child: MeasurePlan = {
        task: 'measure',
        ...(await toStatement(plan, options)),
        ...{ warmupMs, executions, limitMs, seed, analyze },
      };
      const timeoutMs = warmupMs + limitMs + MIN_EXECUTIONS * plan.timeoutMs;
      return await runChild(options, plan, child, { timeoutMs, schema: measurementSchema }, signal);
    },
    async observe(plan, signal) {
      const { scope, params } = plan;
      const child: ObservePlan = { task: 'observe', ...(await toStatement(plan, options)), scope };
      // As many as an earlier process did in its time may take a slower one longer, each up to its own limit.
      const timeoutMs =
        scope.extent === undefined ? scope.limitMs + plan.timeoutMs : params.length * plan.timeoutMs;
      return await runChild(options, plan, child, { timeoutMs, schema: behaviourSchema }, signal);
    },
  };
}

async function toStatement(
  plan: Omit<QueryObservePlan, 'scope'>,
  { baseEnv, allowHosts }: QueriesOptions,
): Promise<Omit<ObservePlan, 'task' | 'scope'>> {
  const { params, writes, timeoutMs, directory, env, database } = plan;
  return {
    parentPid: process.pid,
    ...{ params, writes, timeoutMs },
    sql: 'text' in plan.sql ? plan.sql.text : await readStatement(directory, plan.sql.file),
    database:
      database.engine === 'postgres'
        ? {
            engine: 'postgres',
            url: await findConnectionUrl(database.urlEnv, { env, baseEnv, directory }),
            allowHosts,
          }
        : { engine: 'sqlite', path: join(directory, database.file) },
  };
}

async function readStatement(directory: string, file: string): Promise<string> {
  try {
    return await readFile(join(directory, file), 'utf8');
  } catch (error) {
    throw new InputError(
      'sql_invalid',
      `The SQL file ${JSON.stringify(file)} cannot be read in the checkout.`,
      {
        fix: 'Correct "file" of the workload; the file must not be ignored by git.',
        cause: error,
      },
    );
  }
}

interface ChildRun<Result> {
  /** Of what it was asked to do. */
  readonly timeoutMs: number;
  readonly schema: z.ZodType<Result>;
}

async function runChild<Result>(
  { processes, childFile, baseEnv }: QueriesOptions,
  plan: Pick<QueryPlan, 'timeoutMs' | 'directory' | 'runId' | 'onWindow' | 'cpus'>,
  child: QueryChildPlan,
  run: ChildRun<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const { timeoutMs } = plan;
  const silence = watchSilence(timeoutMs + GRACE_MS);
  const lines = { failure: '' };
  try {
    const ended = await processes.run(
      {
        command: [process.execPath, childFile],
        cwd: plan.directory,
        env: { ...inherit(baseEnv), DEEP_OPTIMIZE_RUN: plan.runId },
        input: JSON.stringify(child),
        keepBytes: KEEP_BYTES,
        onLine: (line, stream) => {
          if (stream !== 'stdout') return;
          silence.heard();
          if (line === `${WINDOW_LINE}opens`) plan.onWindow?.('opens');
          if (line === `${WINDOW_LINE}closes`) plan.onWindow?.('closes');
          if (line.startsWith(FAILURE_LINE)) lines.failure = line.slice(FAILURE_LINE.length);
        },
        ...(plan.cpus === undefined ? {} : { cpus: plan.cpus }),
      },
      { timeoutMs: run.timeoutMs + OVERHEAD_MS, signal: AbortSignal.any([signal, silence.signal]) },
    );
    // Not heard as a line: rows can be more than a line of output may hold.
    const last = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
    if (last.startsWith(RESULT_LINE)) return run.schema.parse(JSON.parse(last.slice(RESULT_LINE.length)));
    if (lines.failure !== '') throw toError(failureSchema.parse(JSON.parse(lines.failure)));
    throw unexpectedEnd(ended);
  } catch (error) {
    signal.throwIfAborted();
    if (!silence.signal.aborted) throw error;
    throw new TargetError(
      'statement_timeout',
      `The statement ran past its limit of ${timeoutMs / 1000} s, and its process was ended.`,
      { fix: 'Raise "timeout_s" of the workload, or make the statement or its data smaller.' },
    );
  } finally {
    silence.stop();
  }
}

export function inherit(baseEnv: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = baseEnv[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function unexpectedEnd(ended: Awaited<ReturnType<Processes['run']>>): DeepOptimizeError {
  if (ended.startError !== undefined) {
    return new EnvironmentError(
      'generator_failed',
      `The process that executes the statement could not be started (${ended.startError}).`,
      { fix: 'Check that the node program that runs deep-optimize can be executed.' },
    );
  }
  const end = ended.timedOut
    ? 'took too long and was ended'
    : `ended without a result (exit code ${String(ended.code)}, signal ${String(ended.signal)})`;
  return new InternalError('generator_failed', `The process that executes the statement ${end}.`, {
    fix: 'Measure again; if it stays so, report it with the output.',
    output: ended.stderr,
  });
}
