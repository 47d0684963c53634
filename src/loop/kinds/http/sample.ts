import { TargetError } from '../../../core/errors.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type {
  FailedRequest,
  GeneratorsOnStandBy,
  LoadPlan,
  LoadResult,
  Undirected,
} from '../../../core/ports/load.ts';
import type { Target } from '../../../core/ports/target.ts';
import type { ProcessSample, SampleContext } from '../measurer.ts';
import { explainDeath } from './explain-death.ts';
import { flagsOf } from './flags.ts';
import { readInputs } from './inputs.ts';
import type { LoadInputs } from './inputs.ts';
import { metricsOf } from './metrics.ts';
import { observe, targetShare, type Observation } from './observe.ts';
import { openService } from './target.ts';
import type { Service } from './target.ts';

export interface HttpSampleRequest extends Omit<SampleContext, 'load'> {
  readonly workload: HttpWorkload;
  readonly load: LoadOf<'http'>;
}

/** RSS is polled at this distance: the peak of interest lasts, and each poll reads every process of the tree. */
export const RSS_POLL_MS = 200;

/** Share of failed requests above which a process measured something else than the workload. */
const MAX_FAILED_SHARE = 0.5;

/**
 * One fresh process: start, warm up, closed loop (capacity, CPU per request), open loop (latency), stop.
 * The open loop comes second so that both loops meet a warm program; the order is the same on both sides.
 */
export async function sampleHttp(ports: Ports, request: HttpSampleRequest): Promise<ProcessSample> {
  const { workload, load, plan } = request;
  const arrivals = workload.load?.arrivals;
  const startedAt = ports.clock.now();
  const inputs = await readInputs(ports, workload, request);
  const base = undirectedPlan(ports, { ...request, inputs });
  const generators = ports.load.standBy({
    closedLoop: {
      ...base,
      warmupMs: plan.warmupMs,
      durationMs: plan.closedMs,
      connections: load.connections,
    },
    openLoop: {
      ...base,
      durationMs: plan.openMs,
      ratePerS: load.rate_per_s,
      ...(arrivals === undefined ? {} : { arrivals }),
      maxInFlight: MAX_IN_FLIGHT,
    },
  });
  let measured: Measured;
  try {
    measured = await measure(ports, request, generators);
  } finally {
    await generators.stop();
  }

  const { target, closed, open, rssPeak } = measured;
  // When the program is gone: nothing else may run while the ceiling is measured.
  const ceilingRps = await findCeiling(ports, request, closed.load);
  const worst = worstFailure([closed.load, open.load]);
  const journeys = [closed.load.journeys, open.load.journeys].filter((counts) => counts !== null);
  return {
    metrics: metricsOf(target, closed, open, rssPeak),
    operations: {
      counted: closed.load.answered,
      timed: open.load.latency.count,
      failed: closed.load.failed + open.load.failed,
      ...(worst === undefined ? {} : { worst_failure: `${worst.request}: ${worst.reason}` }),
      ...(journeys.length === 0
        ? {}
        : {
            journeys: {
              completed: journeys.reduce((sum, { completed }) => sum + completed, 0),
              failed: journeys.reduce((sum, { failed }) => sum + failed, 0),
            },
          }),
    },
    conditions: {
      foreign_cpu_share: Math.max(closed.foreignShare, open.foreignShare),
      steal_share: Math.max(closed.stealShare, open.stealShare),
      target_cpu_share: targetShare(closed),
      generator: {
        cpu_share: closed.load.generator.cpuShare,
        lateness_p99_ms: open.load.generator.latenessP99Ms,
        ...(ceilingRps === null ? {} : { ceiling_rps: ceilingRps }),
      },
      stalls: {
        longest_ms: open.load.stalls.longestMs,
        closed_p99_ms: closed.load.latency.p99Ms,
      },
    },
    flags: flagsOf(closed, open, ceilingRps),
    started_at: startedAt,
    latency_histogram: open.load.latency.histogram,
    openWindows: open.windows,
  };
}

interface Measured {
  /** Null where the process is not ours. */
  readonly target: Target | null;
  readonly closed: Observation;
  readonly open: Observation;
  readonly rssPeak: number | null;
}

async function measure(
  ports: Ports,
  request: HttpSampleRequest,
  generators: GeneratorsOnStandBy,
): Promise<Measured> {
  const { workload, signal } = request;
  const service = await openService(ports, workload, { ...request, probe: 'telemetry' });
  const { origin, process: target } = service;
  try {
    const watch = target === null ? null : watchRss(target, ports, signal);
    const closed = await observe(ports, target, (onWindow) =>
      generators.closedLoop({ origin, onWindow }, signal),
    );
    const open = await observe(ports, target, (onWindow) =>
      generators.openLoop({ origin, onWindow }, signal),
    );
    const rssPeak = watch === null ? null : await watch.stop();
    refuseWrongAnswers(workload, closed.load, open.load);
    return { target, closed, open, rssPeak };
  } catch (error) {
    throw target === null ? error : await explainDeath(target, error, signal);
  } finally {
    await service.stop();
  }
}

/**
 * From this share of a core on the rate may be near the ceiling, and it is worth two seconds, once, to know: against a server
 * that does nothing the generator needed 0.2 to 0.4 of a core, for a program of 1 ms a request it needs a hundredth.
 */
const BUSY_GENERATOR_SHARE = 0.15;

/** Requests a second that the closed loop reaches against a server that does nothing; null where the program is far from it. */
async function findCeiling(
  ports: Ports,
  { workload, load, runId, signal }: HttpSampleRequest,
  closed: LoadResult,
): Promise<number | null> {
  if (closed.generator.cpuShare < BUSY_GENERATOR_SHARE) return null;
  const cpus = ports.machine.cpuPlan();
  const { requestsPerS } = await ports.load.ceiling(
    {
      connections: load.connections,
      journeys: workload.journeys !== undefined,
      ...(cpus === undefined ? {} : { cpus }),
      runId,
    },
    signal,
  );
  return requestsPerS;
}

/** More than this in flight means that the program does not answer at all; arrivals beyond it are failures. */
export const MAX_IN_FLIGHT = 1000;

type PlanRequest = Pick<HttpSampleRequest, 'seed' | 'runId'> & { readonly inputs: LoadInputs };

export function loadPlan(
  ports: Ports,
  request: PlanRequest,
  { origin }: Pick<Service, 'origin'>,
): Omit<LoadPlan, 'durationMs'> {
  return { origin, ...undirectedPlan(ports, request) };
}

function undirectedPlan(ports: Ports, request: PlanRequest): Undirected<Omit<LoadPlan, 'durationMs'>> {
  const cpus = ports.machine.cpuPlan()?.generator;
  return {
    ...request.inputs,
    seed: request.seed,
    runId: request.runId,
    ...(cpus === undefined ? {} : { cpus }),
  };
}

function watchRss(target: Target, ports: Ports, signal: AbortSignal): { stop(): Promise<number> } {
  const done = new AbortController();
  const either = AbortSignal.any([done.signal, signal]);
  const watching = (async () => {
    let peak = 0;
    while (!either.aborted) {
      peak = Math.max(peak, (await target.usage()).rssBytes);
      await ports.clock.sleep(RSS_POLL_MS, either).catch(() => undefined);
    }
    return Math.max(peak, (await target.usage()).rssBytes);
  })();
  // A target that dies makes the last poll fail; the phase that saw it die tells the story.
  watching.catch(() => undefined);
  return {
    stop: () => {
      done.abort();
      return watching;
    },
  };
}

function worstFailure(loads: readonly LoadResult[]): FailedRequest | undefined {
  return loads.flatMap((load) => load.failures).sort((a, b) => b.count - a.count)[0];
}

function refuseWrongAnswers(workload: HttpWorkload, ...loads: readonly LoadResult[]): void {
  const failed = loads.reduce((sum, load) => sum + load.failed, 0);
  const attempts = loads.reduce(
    (sum, load) => sum + Math.max(load.answered, load.latency.count + load.failed),
    0,
  );
  if (attempts > 0 && failed / attempts <= MAX_FAILED_SHARE && !mostJourneysFail(loads)) return;
  const worst = worstFailure(loads);
  const what = worst ? `${worst.request}: ${worst.reason}` : 'no request was answered';
  throw new TargetError(
    'expectation_failed',
    `${failed} of ${attempts} requests of "${workload.name}" failed (${what}).`,
    {
      fix: fixOf(workload),
      ...(worst?.example === undefined ? {} : { output: worst.example }),
      next: [{ tool: 'define_goals', arguments: { workloads: [workload] }, why: 'correct the requests' }],
    },
  );
}

/** The last of ten steps can fail each time while nine of ten requests are right. */
function mostJourneysFail(loads: readonly LoadResult[]): boolean {
  const ended = { completed: 0, failed: 0 };
  for (const { journeys } of loads) {
    ended.completed += journeys?.completed ?? 0;
    ended.failed += journeys?.failed ?? 0;
  }
  const all = ended.completed + ended.failed;
  return all > 0 && ended.failed / all > MAX_FAILED_SHARE;
}

function fixOf({ attach }: HttpWorkload): string {
  const correct =
    'Correct the path, method, body, "extract" or "expect" of that request with define_goals, or make the program answer it.';
  return attach === undefined ? correct : `Check that the service runs at ${attach.url}. ${correct}`;
}
