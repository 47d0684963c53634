import { EnvironmentError, InternalError, TargetError } from '../../../core/errors.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { LoadOf, MetricValues } from '../../../core/model/measurement.ts';
import { METRICS } from '../../../core/model/metrics.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { LoadPlan, LoadResult } from '../../../core/ports/load.ts';
import type { RuntimeWindow, Target } from '../../../core/ports/target.ts';
import { foreignLoad } from '../../measure/foreign-load.ts';
import type { ProcessSample, SampleContext } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import type { LoadInputs } from './inputs.ts';
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
  const { workload, load, plan, signal } = request;
  const arrivals = workload.load?.arrivals;
  const startedAt = ports.clock.now();
  const inputs = await readInputs(ports, workload, request);
  const service = await openService(ports, workload, { ...request, probe: 'telemetry' });
  const target = service.process;
  let measured: { readonly closed: Observation; readonly open: Observation; readonly rssPeak: number | null };
  try {
    const base = loadPlan(ports, { ...request, inputs }, service);
    const watch = target === null ? null : watchRss(target, ports, signal);

    const closed = await observe(ports, target, (onWindow) =>
      ports.load.closedLoop(
        {
          ...base,
          warmupMs: plan.warmupMs,
          durationMs: plan.closedMs,
          connections: load.connections,
          onWindow,
        },
        signal,
      ),
    );
    const open = await observe(ports, target, (onWindow) =>
      ports.load.openLoop(
        {
          onWindow,
          ...base,
          durationMs: plan.openMs,
          ratePerS: load.rate_per_s,
          ...(arrivals === undefined ? {} : { arrivals }),
          maxInFlight: MAX_IN_FLIGHT,
        },
        signal,
      ),
    );
    measured = { closed, open, rssPeak: watch === null ? null : await watch.stop() };
    refuseWrongAnswers(workload, closed.load, open.load);
  } catch (error) {
    throw target === null ? error : await explainDeath(target, error, signal);
  } finally {
    await service.stop();
  }

  const { closed, open, rssPeak } = measured;
  // When the program is gone: nothing else may run while the ceiling is measured.
  const ceilingRps = await findCeiling(ports, request, closed.load);
  const journeys = [closed.load.journeys, open.load.journeys].filter((counts) => counts !== null);
  return {
    metrics: metricsOf(target, closed, open, rssPeak),
    operations: {
      counted: closed.load.answered,
      timed: open.load.latency.count,
      failed: closed.load.failed + open.load.failed,
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
const MAX_IN_FLIGHT = 1000;

export function loadPlan(
  ports: Ports,
  request: Pick<HttpSampleRequest, 'seed' | 'runId'> & { readonly inputs: LoadInputs },
  service: Pick<Service, 'origin'>,
): Omit<LoadPlan, 'durationMs'> {
  const cpus = ports.machine.cpuPlan()?.generator;
  return {
    origin: service.origin,
    ...request.inputs,
    seed: request.seed,
    runId: request.runId,
    ...(cpus === undefined ? {} : { cpus }),
  };
}

interface Observation {
  readonly load: LoadResult;
  readonly durationMs: number;
  /** Null where the process is not ours. */
  readonly targetCpuUs: number | null;
  readonly foreignShare: number;
  readonly stealShare: number;
  readonly throttledPeriods: number;
  readonly windows: readonly RuntimeWindow[];
}

/**
 * Runs one load phase with everything that is counted in its window: CPU of the target's tree and of the machine, what the
 * probes see. The generator says when its window opens and closes; its own start is not part of it.
 */
async function observe(
  ports: Ports,
  target: Target | null,
  phase: (onWindow: OnWindow) => Promise<LoadResult>,
): Promise<Observation> {
  let before: Promise<Counters> | undefined;
  let after: Promise<readonly [Counters, readonly RuntimeWindow[]]> | undefined;
  const load = await phase((edge) => {
    if (edge === 'opens') before ??= openAll(ports, target);
    else
      after ??= Promise.all([
        countersNow(ports, target),
        (before ?? Promise.resolve()).then(() => target?.closeWindow() ?? []),
      ]);
    // Awaited below; until then a target that dies must not become an unhandled rejection.
    before?.catch(() => undefined);
    after?.catch(() => undefined);
  });
  if (!before || !after) {
    throw new InternalError('generator_failed', 'The load generator did not say when its window was.', {
      fix: 'Report it: this is a defect.',
    });
  }
  const start = await before;
  const [end, windows] = await after;
  const durationMs = end.atMs - start.atMs;
  if (target === null) {
    // Its CPU cannot be told from that of others, so all of the machine's counts as ours and nobody is blamed.
    return {
      load,
      durationMs,
      targetCpuUs: null,
      windows,
      ...foreignLoad(start.machine, end.machine, Infinity),
    };
  }
  const targetCpuUs = end.targetUs - start.targetUs;
  const ours = targetCpuUs + (end.ownUs - start.ownUs) + load.generator.cpuShare * durationMs * 1000;
  return { load, durationMs, targetCpuUs, windows, ...foreignLoad(start.machine, end.machine, ours) };
}

type OnWindow = NonNullable<LoadPlan['onWindow']>;
type Counters = Awaited<ReturnType<typeof countersNow>>;

/** Counters first: opening the probes' windows takes some ms, and CPU is counted from the edge. */
async function openAll(ports: Ports, target: Target | null): Promise<Counters> {
  const [counters] = await Promise.all([countersNow(ports, target), target?.openWindow()]);
  return counters;
}

async function countersNow(ports: Ports, target: Target | null) {
  const [usage, machine] = await Promise.all([target?.usage(), ports.machine.cpu()]);
  return {
    atMs: ports.clock.monotonicMs(),
    targetUs: usage?.cpuUs ?? 0,
    ownUs: ports.machine.ownCpuUs(),
    machine,
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

function metricsOf(
  target: Target | null,
  closed: Observation,
  open: Observation,
  rssPeak: number | null,
): MetricValues {
  const { latency } = open.load;
  const good = closed.load.answered - closed.load.failed;
  const attempted = closed.load.answered + open.load.answered;
  const values: MetricValues = {
    throughput_rps: (good / closed.load.durationMs) * 1000,
    error_rate:
      attempted === 0 ? 1 : (closed.load.failed + open.load.failed) / (attempted + notAnswered(open.load)),
  };
  if (rssPeak !== null) values.rss_peak_bytes = rssPeak;
  if (target !== null) values.startup_ms = target.startupMs;
  if (closed.load.answered > 0 && closed.targetCpuUs !== null)
    values.cpu_us_per_request = closed.targetCpuUs / closed.load.answered;
  const percentiles = {
    latency_p50_ms: latency.p50Ms,
    latency_p90_ms: latency.p90Ms,
    latency_p95_ms: latency.p95Ms,
    latency_p99_ms: latency.p99Ms,
    latency_p999_ms: latency.p999Ms,
  };
  for (const [name, value] of Object.entries(percentiles) as [keyof typeof percentiles, number][]) {
    const info = METRICS[name];
    // A percentile with no request beyond it is the maximum under another name.
    const beyond = latency.count * ('tailShare' in info ? info.tailShare : 0.5);
    if (beyond >= 1) values[name] = value;
  }
  const delays = open.windows.flatMap((window) =>
    window.eventLoopDelay ? [window.eventLoopDelay.p99Ms] : [],
  );
  if (delays.length > 0) values.event_loop_delay_p99_ms = Math.max(...delays);
  Object.assign(values, countsPerRequest(closed));
  const gc = closed.windows.map(gcShare);
  if (gc.length > 0) values.gc_share = Math.max(...gc);
  return values;
}

/** How much the probes' count of requests may differ from the generator's: their windows open some ms apart. */
const SAME_REQUESTS = 0.25;

/**
 * Counts that noise cannot touch, of all threads together. A probe's window is some ms shorter than the generator's, so
 * they are divided by the requests that the probes saw; where those are others (a proxy in front, a server that is not
 * node:http) by the generator's, in proportion to the windows.
 */
function countsPerRequest({ load, windows }: Observation): MetricValues {
  if (load.answered === 0) return {};
  const values: MetricValues = { bytes_per_op: load.bytes / load.answered };
  const sum = (of: (window: RuntimeWindow) => number | null): number | undefined => {
    const known = windows.flatMap((window) => of(window) ?? []);
    return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
  };
  const longestMs = Math.max(0, ...windows.map((window) => window.durationMs));
  const expected = load.answered * Math.min(1, longestMs / load.durationMs);
  const seen = sum((window) => window.inboundRequests) ?? 0;
  const requests = Math.abs(seen / expected - 1) <= SAME_REQUESTS ? seen : expected;
  const allocated = sum((window) => window.allocatedBytes);
  const queries = sum((window) => window.queries);
  const calls = sum((window) => window.outboundCalls);
  if (allocated !== undefined) values.allocated_bytes_per_op = allocated / requests;
  if (queries !== undefined) values.queries_per_op = queries / requests;
  if (calls !== undefined) values.outbound_calls_per_op = calls / requests;
  return values;
}

/** Arrivals that never got an answer stand in `failed` only; the rate counts them among the attempts. */
function notAnswered(load: LoadResult): number {
  return Math.max(0, load.latency.count + load.failed - load.answered);
}

export function gcShare(window: RuntimeWindow): number {
  const { minor, major, incremental, weakcb } = window.gcMs;
  return (minor + major + incremental + weakcb) / window.durationMs;
}

/** Reasons to trust this process less; kept with the sample and counted into warnings. */
function flagsOf(closed: Observation, open: Observation, ceilingRps: number | null): string[] {
  const flags: string[] = [];
  if (isGeneratorBound(closed)) flags.push('generator-bound');
  if (isAtCeiling(closed, ceilingRps)) flags.push('at-ceiling');
  if (open.load.generator.eventLoopDelayP99Ms > Math.max(1, 0.1 * open.load.latency.p50Ms))
    flags.push('generator-delayed');
  if (open.load.generator.latenessP99Ms > Math.max(1, 0.05 * open.load.latency.p99Ms))
    flags.push('late-arrivals');
  if (closed.foreignShare > 0.1 || open.foreignShare > 0.1) flags.push('busy-machine');
  if (closed.stealShare > 0.02 || open.stealShare > 0.02) flags.push('steal');
  if (hidesStalls(closed, open)) flags.push('stalls');
  if (closed.throttledPeriods + open.throttledPeriods > 0) flags.push('throttled');
  return flags;
}

/** A busy generator beside a program with time to spare. */
function isGeneratorBound(closed: Observation): boolean {
  const share = targetShare(closed);
  return closed.load.generator.cpuShare > 0.8 && share !== null && share < 0.9;
}

/** How near a rate comes to the ceiling before it says more of HTTP and of the harness than of the program. */
const CEILING_SHARE = 0.8;

function isAtCeiling({ load }: Observation, ceilingRps: number | null): boolean {
  return ceilingRps !== null && (load.answered / load.durationMs) * 1000 > CEILING_SHARE * ceilingRps;
}

function targetShare({ targetCpuUs, durationMs }: Observation): number | null {
  return targetCpuUs === null ? null : targetCpuUs / 1000 / durationMs;
}

/** Below this a single slow answer or a busy machine looks the same, in ms. */
const STALL_MS = 100;

/**
 * A stall of the program that the closed loop hides: the open loop saw nothing answered for far longer than an answer and the
 * slowest hundredth took in the closed loop. Not than the open loop's own median: a stall of most of a window is its median.
 */
function hidesStalls(closed: Observation, open: Observation): boolean {
  const { p50Ms, p99Ms } = closed.load.latency;
  return open.load.stalls.longestMs > Math.max(STALL_MS, 10 * p50Ms, 3 * p99Ms);
}

function refuseWrongAnswers(workload: HttpWorkload, ...loads: readonly LoadResult[]): void {
  const failed = loads.reduce((sum, load) => sum + load.failed, 0);
  const attempts = loads.reduce(
    (sum, load) => sum + Math.max(load.answered, load.latency.count + load.failed),
    0,
  );
  if (attempts > 0 && failed / attempts <= MAX_FAILED_SHARE && !mostJourneysFail(loads)) return;
  const worst = loads.flatMap((load) => load.failures).sort((a, b) => b.count - a.count)[0];
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

/** A load that failed because the program died is the program's failure, told with its last words. */
async function explainDeath(target: Target, error: unknown, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return error;
  const exit = await Promise.race([target.exited, Promise.resolve(undefined)]);
  if (!exit) return error;
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
  const { stderr, stdout } = target.output();
  return new TargetError('target_died', `The program ended while it was measured (${how}).`, {
    fix: 'Make it survive the load of the workload (its last output is below), or lower "load".',
    output: stderr.trim() === '' ? stdout : stderr,
    cause: error instanceof EnvironmentError ? error : undefined,
  });
}
