import { z } from 'zod';
import { behaviourSchema } from '../../core/behaviour/observation-schema.ts';
import type { Behaviour } from '../../core/behaviour/model.ts';
import type {
  AnswersPlan,
  ClosedLoopPlan,
  LoadCeiling,
  LoadDirection,
  LoadGenerator,
  LoadPlan,
  LoadResult,
  OpenLoopPlan,
  Undirected,
} from '../../core/ports/load.ts';
import type { Processes } from '../../core/ports/processes.ts';
import { DRAIN_MS } from './child-plan.ts';
import type { ChildPlan, ClosedLoopChildPlan, OpenLoopChildPlan } from './child-plan.ts';
import { inheritedEnvironment, startGeneratorChild, type GeneratorChild } from './generator-child.ts';
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

/** A result is a few KB; the histogram of a wide distribution some tens. */
const KEEP_BYTES = 4 * 1024 * 1024;

/** Observations are bounded (core/behaviour/bound-value.ts); as JSON a text may take several bytes a character. */
const KEEP_ANSWERS_BYTES = 64 * 1024 * 1024;
/** The first round of requests is not bounded by the limit: a slow program answers some hundred of them in this time. */
const FIRST_ROUND_MS = 240_000;

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

/** Load from child processes of its own on this machine, so that generator and target can be kept on different cores. */
export function createLoadGenerator(options: LoadGeneratorOptions): LoadGenerator {
  const { allowHosts = [], processes } = options;
  const startLoop = (
    file: string,
    plan: Undirected<LoadPlan>,
    own: Omit<ClosedLoopChildPlan, keyof ChildPlan> | Omit<OpenLoopChildPlan, keyof ChildPlan>,
    warmupMs = 0,
  ): GeneratorChild<LoadResult> =>
    startGeneratorChild(processes, {
      file,
      plan: { ...toChildPlan(plan), durationMs: plan.durationMs, ...own },
      limitMs: warmupMs + plan.durationMs + DRAIN_MS,
      keepBytes: KEEP_BYTES,
      schema: resultSchema,
      ...placeOf(plan),
    });
  const startClosedLoop = (plan: Undirected<ClosedLoopPlan>): GeneratorChild<LoadResult> => {
    const { connections, warmupMs } = plan;
    const own = { connections, ...(warmupMs === undefined ? {} : { warmupMs }) };
    return startLoop(options.closedLoopFile, plan, own, warmupMs);
  };
  const startOpenLoop = (plan: Undirected<OpenLoopPlan>): GeneratorChild<LoadResult> => {
    const { ratePerS, arrivals, maxInFlight } = plan;
    const own = { ratePerS, maxInFlight, ...(arrivals === undefined ? {} : { arrivals }) };
    return startLoop(options.openLoopFile, plan, own);
  };
  const startAnswers = (plan: AnswersPlan): GeneratorChild<Behaviour> =>
    startGeneratorChild(processes, {
      file: options.answersFile,
      plan: { ...toChildPlan(plan), scope: plan.scope },
      limitMs: FIRST_ROUND_MS + plan.scope.limitMs,
      keepBytes: KEEP_ANSWERS_BYTES,
      schema: behaviourSchema,
      ...placeOf(plan),
    });
  /** Nothing is started for an origin that may not be loaded. */
  const load = async <Result>(
    start: () => GeneratorChild<Result>,
    { origin, onWindow }: LoadDirection,
    signal: AbortSignal,
  ): Promise<Result> => {
    const destination = await resolveDestination(origin, allowHosts);
    signal.throwIfAborted();
    return start().load(destination, onWindow, signal);
  };
  const closedLoop: LoadGenerator['closedLoop'] = (plan, signal) =>
    load(() => startClosedLoop(plan), plan, signal);
  const ceilings = new Map<string, Promise<LoadCeiling>>();
  return {
    pool: poolHistograms,
    latencies: countLatencies,
    // The parser of JSON paths is loaded when somebody measures.
    check: async (plan) => (await import('./check-paths.ts')).checkJsonPaths(plan),
    closedLoop,
    openLoop: (plan, signal) => load(() => startOpenLoop(plan), plan, signal),
    answers: (plan, signal) => load(() => startAnswers(plan), plan, signal),
    standBy(plans) {
      const closed = startClosedLoop(plans.closedLoop);
      const open = startOpenLoop(plans.openLoop);
      return {
        closedLoop: (direction, signal) => load(() => closed, direction, signal),
        openLoop: (direction, signal) => load(() => open, direction, signal),
        async stop() {
          await Promise.all([closed.stop(), open.stop()]);
        },
      };
    },
    ceiling(request, signal) {
      // Machine and Node.js are those of this process: they do not change in its life.
      const { runId: _run, ...same } = request;
      const key = JSON.stringify(same);
      const known = ceilings.get(key);
      if (known !== undefined) return known;
      const command = [process.execPath, options.ceilingServerFile];
      const measured = measureCeiling(
        { processes, command, env: inheritedEnvironment(), closedLoop },
        request,
        signal,
      );
      ceilings.set(key, measured);
      // What failed or was aborted is tried again.
      measured.catch(() => ceilings.delete(key));
      return measured;
    },
  };
}

function toChildPlan({ requests, journeys, data, seed }: Undirected<Omit<LoadPlan, 'durationMs'>>) {
  return {
    parentPid: process.pid,
    requests,
    ...(journeys === undefined || journeys.length === 0 ? {} : { journeys }),
    ...(data === undefined ? {} : { data }),
    seed,
  };
}

function placeOf({ runId, cpus }: Pick<LoadPlan, 'runId' | 'cpus'>): Pick<LoadPlan, 'runId' | 'cpus'> {
  return { runId, ...(cpus === undefined ? {} : { cpus }) };
}
