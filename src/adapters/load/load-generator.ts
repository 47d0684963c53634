import { z } from 'zod';
import { behaviourSchema } from '../../core/behaviour/observation-schema.ts';
import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type { LoadCeiling, LoadGenerator, LoadPlan, LoadResult } from '../../core/ports/load.ts';
import type { Processes } from '../../core/ports/processes.ts';
import { DRAIN_MS } from './child-plan.ts';
import type { AnswersChildPlan, ClosedLoopChildPlan, OpenLoopChildPlan } from './child-plan.ts';
import { WINDOW_LINE } from './child-lines.ts';
import { countLatencies, poolHistograms } from './latency-summary.ts';
import { measureCeiling } from './measure-ceiling.ts';
import { resolveDestination } from './resolve-destination.ts';

export interface LoadGeneratorOptions {
  readonly processes: Processes;
  /** Built files of `child-closed-loop.ts` and `child-open-loop.ts`. */
  readonly closedLoopFile: string;
  readonly openLoopFile: string;
  /** Built file of `child-answers.ts`. */
  readonly answersFile: string;
  /** Built file of `child-ceiling-server.ts`. */
  readonly ceilingServerFile: string;
  /** Hosts beside loopback that may be loaded, named when the server was registered. */
  readonly allowHosts?: readonly string[];
}

/** Start, warm-up and summary of a child on a busy machine, beside its window and its drain. */
const OVERHEAD_MS = 60_000;

/** A result is a few KB; the histogram of a wide distribution some tens. */
const KEEP_BYTES = 4 * 1024 * 1024;

/** Observations are bounded (core/behaviour/bound-value.ts); as JSON a text may take several bytes a character. */
const KEEP_ANSWERS_BYTES = 64 * 1024 * 1024;
/** The first round of requests is not bounded by the limit: a slow program answers some hundred of them in this time. */
const FIRST_ROUND_MS = 240_000;

/** What a Node.js process needs of our environment to start at all (the last four on Windows); NODE_OPTIONS must not be in it. */
const INHERITED = ['PATH', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP', 'USERPROFILE'];

const resultSchema: z.ZodType<LoadResult> = z.object({
  durationMs: z.number(),
  answered: z.number(),
  failed: z.number(),
  failures: z.array(
    z.object({
      request: z.string(),
      reason: z.string(),
      count: z.number(),
      example: z.string().exactOptional(),
    }),
  ),
  bytes: z.number(),
  latency: z.object({
    count: z.number(),
    p50Ms: z.number(),
    p90Ms: z.number(),
    p95Ms: z.number(),
    p99Ms: z.number(),
    p999Ms: z.number(),
    meanMs: z.number(),
    maxMs: z.number(),
    histogram: z.string(),
  }),
  journeys: z.object({ started: z.number(), completed: z.number(), failed: z.number() }).nullable(),
  stalls: z.object({ longestMs: z.number(), count: z.number(), share: z.number() }),
  generator: z.object({ cpuShare: z.number(), eventLoopDelayP99Ms: z.number(), latenessP99Ms: z.number() }),
});

/** Load from a child process of its own on this machine, so that generator and target can be kept on different cores. */
export function createLoadGenerator(options: LoadGeneratorOptions): LoadGenerator {
  const { allowHosts = [], closedLoopFile, openLoopFile } = options;
  const closedLoop: LoadGenerator['closedLoop'] = async (plan, signal) => {
    const child: ClosedLoopChildPlan = {
      ...(await toChildPlan(plan, allowHosts)),
      durationMs: plan.durationMs,
      connections: plan.connections,
      ...(plan.warmupMs === undefined ? {} : { warmupMs: plan.warmupMs }),
    };
    return runLoop(options.processes, closedLoopFile, plan, child, signal);
  };
  const answers: LoadGenerator['answers'] = async (plan, signal) => {
    const child: AnswersChildPlan = { ...(await toChildPlan(plan, allowHosts)), scope: plan.scope };
    const { limitMs } = plan.scope;
    const run = {
      file: options.answersFile,
      limitMs: FIRST_ROUND_MS + limitMs,
      keepBytes: KEEP_ANSWERS_BYTES,
    };
    return runChild(options.processes, plan, child, { ...run, schema: behaviourSchema }, signal);
  };
  const ceilings = new Map<string, Promise<LoadCeiling>>();
  return {
    pool: poolHistograms,
    latencies: countLatencies,
    // The parser of JSON paths is loaded when somebody measures.
    check: async (plan) => (await import('./check-paths.ts')).checkJsonPaths(plan),
    closedLoop,
    answers,
    ceiling(request, signal) {
      // Machine and Node.js are those of this process: they do not change in its life.
      const { runId: _run, ...same } = request;
      const key = JSON.stringify(same);
      const known = ceilings.get(key);
      if (known !== undefined) return known;
      const command = [process.execPath, options.ceilingServerFile];
      const measured = measureCeiling(
        { processes: options.processes, command, env: inheritedEnvironment(), closedLoop },
        request,
        signal,
      );
      ceilings.set(key, measured);
      // What failed or was aborted is tried again.
      measured.catch(() => ceilings.delete(key));
      return measured;
    },
    async openLoop(plan, signal) {
      const child: OpenLoopChildPlan = {
        ...(await toChildPlan(plan, allowHosts)),
        durationMs: plan.durationMs,
        ratePerS: plan.ratePerS,
        ...(plan.arrivals === undefined ? {} : { arrivals: plan.arrivals }),
        maxInFlight: plan.maxInFlight,
      };
      return runLoop(options.processes, openLoopFile, plan, child, signal);
    },
  };
}

async function toChildPlan(plan: Omit<LoadPlan, 'durationMs'>, allowHosts: readonly string[]) {
  return {
    parentPid: process.pid,
    destination: await resolveDestination(plan.origin, allowHosts),
    requests: plan.requests,
    ...(plan.journeys === undefined || plan.journeys.length === 0 ? {} : { journeys: plan.journeys }),
    ...(plan.data === undefined ? {} : { data: plan.data }),
    seed: plan.seed,
  };
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function runLoop(
  processes: Processes,
  file: string,
  plan: LoadPlan,
  childPlan: ClosedLoopChildPlan | OpenLoopChildPlan,
  signal: AbortSignal,
): Promise<LoadResult> {
  const limitMs = ('warmupMs' in childPlan ? (childPlan.warmupMs ?? 0) : 0) + plan.durationMs + DRAIN_MS;
  const run = { file, limitMs, keepBytes: KEEP_BYTES, schema: resultSchema };
  return runChild(processes, plan, childPlan, run, signal);
}

interface ChildRun<Result> {
  readonly file: string;
  /** Of what it was asked to do. */
  readonly limitMs: number;
  readonly keepBytes: number;
  readonly schema: z.ZodType<Result>;
}

async function runChild<Result>(
  processes: Processes,
  plan: Pick<LoadPlan, 'runId' | 'cpus' | 'onWindow'>,
  childPlan: ClosedLoopChildPlan | OpenLoopChildPlan | AnswersChildPlan,
  { file, limitMs, keepBytes, schema }: ChildRun<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const timeoutMs = limitMs + OVERHEAD_MS;
  const ended = await processes.run(
    {
      command: [process.execPath, file],
      cwd: process.cwd(),
      env: { ...inheritedEnvironment(), DEEP_OPTIMIZE_RUN: plan.runId },
      input: JSON.stringify(childPlan),
      keepBytes,
      onLine: (line) => {
        if (line === `${WINDOW_LINE}opens`) plan.onWindow?.('opens');
        if (line === `${WINDOW_LINE}closes`) plan.onWindow?.('closes');
      },
      ...(plan.cpus === undefined ? {} : { cpus: plan.cpus }),
    },
    { timeoutMs, signal },
  );
  signal.throwIfAborted();
  if (ended.startError !== undefined) {
    throw new EnvironmentError(
      'generator_failed',
      `The load generator could not be started (${ended.startError}).`,
      {
        fix: 'Check that the node program that runs deep-optimize can be executed.',
      },
    );
  }
  const result = ended.code === 0 ? parseResult(ended.stdout, schema) : undefined;
  if (result !== undefined) return result;
  const end = ended.timedOut
    ? `ran past ${timeoutMs} ms and was killed`
    : `ended without a result (exit code ${String(ended.code)}, signal ${String(ended.signal)})`;
  throw new InternalError('generator_failed', `The load generator ${end}.`, {
    fix: 'Measure again; if it stays so, report it with the output.',
    output: ended.stderr,
  });
}

/** The last line is the result. */
function parseResult<Result>(stdout: string, schema: z.ZodType<Result>): Result | undefined {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
