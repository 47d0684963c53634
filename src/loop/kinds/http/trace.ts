import { summarizeRuntime } from '../../../core/detectors/index.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import { requestsPerArrival } from '../../../core/http-requests.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { WindowEdge } from '../../../core/ports/load.ts';
import type { OtlpReceiver } from '../../../core/ports/otlp.ts';
import type { Target, ThreadTrace } from '../../../core/ports/target.ts';
import type { SampleContext, TraceCapture } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import { observe, type Observation } from './observe.ts';
import { loadPlan, MAX_IN_FLIGHT } from './sample.ts';
import { startTarget } from './target.ts';

export interface HttpTraceRequest extends Omit<SampleContext, 'load'> {
  readonly workload: HttpWorkload;
  readonly load: LoadOf<'http'>;
}

/**
 * Of what one thread can answer with the tracer in it and not recording. Recording costs a hello-world service 2.4 times its
 * own CPU [2.2, 2.5] (paired with no probe, 48 blocks, Node.js 20), programs that work far less; a queue that the tracer
 * makes would be blamed on the program.
 */
const THREAD_SHARE = 0.5;
/** Of what the program can answer in all: beyond it a queue grows for as long as the load lasts. */
const CAPACITY_SHARE = 0.8;
/** Below it a window of seconds would hold too few requests to tell rare ones from usual ones. */
const LEAST_RATE = 1;

/** Exporters send in batches, every 5 s by default: asked to send more often, and waited for. */
const EXPORT_EVERY_MS = 200;
const EXPORT_LIMIT_MS = 6000;

/**
 * One fresh process, warmed up by a closed loop, then recorded twice: in an open loop at the rate of the workload, and
 * shortly in the closed loop, where all connections ask at once and queues form that the usual load doesn't make. A program that is
 * instrumented with OpenTelemetry is told to send its spans here too
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */
export async function traceHttp(ports: Ports, request: HttpTraceRequest): Promise<TraceCapture> {
  const { workload, signal } = request;
  const receiver = await ports.otlp.open(signal);
  try {
    const target = await startTarget(ports, workload, {
      ...request,
      probe: 'trace',
      env: otlpEnvironment(receiver.endpoint),
    });
    try {
      const { threads, crowded, sentBefore, sentUntil } = await recordLoad(ports, request, target, receiver);
      const { spans, dropped, rejected } = await receiver.close();
      return { threads, crowded, spans: spans.slice(sentBefore, sentUntil), lost: dropped + rejected };
    } finally {
      await target.stop();
    }
  } finally {
    await receiver.close();
  }
}

function otlpEnvironment(endpoint: string): Readonly<Record<string, string>> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: String(EXPORT_EVERY_MS),
  };
}

/** Until nothing new has come for some rounds of the exporter; not at all where nothing came. */
async function waitForExport(ports: Ports, receiver: OtlpReceiver, signal: AbortSignal): Promise<void> {
  const untilMs = ports.clock.monotonicMs() + EXPORT_LIMIT_MS;
  let seen = 0;
  while (receiver.count() > seen && ports.clock.monotonicMs() < untilMs) {
    seen = receiver.count();
    await ports.clock.sleep(3 * EXPORT_EVERY_MS, signal);
  }
}

interface RecordedLoad {
  readonly threads: readonly ThreadTrace[];
  readonly crowded: readonly ThreadTrace[];
  /** Spans that the receiver had when the load at the usual rate began and ended. */
  readonly sentBefore: number;
  readonly sentUntil: number;
}

async function recordLoad(
  ports: Ports,
  request: HttpTraceRequest,
  target: Target,
  receiver: OtlpReceiver,
): Promise<RecordedLoad> {
  const { workload, load, plan, signal } = request;
  const arrivals = workload.load?.arrivals;
  const inputs = await readInputs(ports, workload, request);
  const base = loadPlan(ports, { ...request, inputs }, target);
  const atOnce = { ...base, durationMs: plan.closedMs, connections: load.connections };
  const warm = await observe(ports, target, (onWindow) =>
    ports.load.closedLoop({ ...atOnce, warmupMs: plan.warmupMs, onWindow }, signal),
  );
  // What the warm-up sent is under way for a while.
  await waitForExport(ports, receiver, signal);
  const sentBefore = receiver.count();
  const threads = await recordWindow(target, (onWindow) =>
    ports.load.openLoop(
      {
        ...base,
        durationMs: plan.profileMs,
        ratePerS: Math.max(
          LEAST_RATE,
          Math.min(load.rate_per_s, bearableRate(warm) / requestsPerArrival(workload)),
        ),
        ...(arrivals === undefined ? {} : { arrivals }),
        maxInFlight: MAX_IN_FLIGHT,
        onWindow,
      },
      signal,
    ),
  );
  await waitForExport(ports, receiver, signal);
  const sentUntil = receiver.count();
  // After the other: what the tracer looks at closely in the first calls alone is for the usual load.
  const crowded =
    threads.length === 0
      ? []
      : await recordWindow(target, (onWindow) => ports.load.closedLoop({ ...atOnce, onWindow }, signal));
  return { threads, crowded, sentBefore, sentUntil };
}

/**
 * Requests a second. A thread that waits (for a pool of connections, for libuv's) could answer more than the program does, and
 * recording makes no difference to what it waits for: those queues have to be seen at the rate that the workload has.
 */
function bearableRate({ load: { answered, durationMs }, windows }: Observation): number {
  const capacity = (answered / durationMs) * 1000;
  const busy = summarizeRuntime(windows)?.eventLoopUtilization ?? 1;
  return Math.min(CAPACITY_SHARE * capacity, (THREAD_SHARE * capacity) / Math.max(busy, Number.EPSILON));
}

/** What the tracer saw while the window of a load was open. */
async function recordWindow(
  target: Target,
  apply: (onWindow: (edge: WindowEdge) => void) => Promise<unknown>,
): Promise<readonly ThreadTrace[]> {
  let tracing: Promise<readonly ThreadTrace[]> | undefined;
  let started: Promise<void> | undefined;
  await apply((edge) => {
    if (edge === 'opens') started ??= target.startTrace();
    else tracing ??= (started ?? Promise.resolve()).then(() => target.stopTrace());
    // Awaited below; until then a target that dies must not become an unhandled rejection.
    started?.catch(() => undefined);
    tracing?.catch(() => undefined);
  });
  return (await tracing) ?? [];
}
