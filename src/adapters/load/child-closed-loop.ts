import autocannon from 'autocannon';
import type { Request } from 'autocannon';
import type { LoadRequest, LoadResult, WindowEdge } from '../../core/ports/load.ts';
import { watchConnection } from './autocannon-client.ts';
import type { WatchedConnection } from './autocannon-client.ts';
import { REQUEST_TIMEOUT_S } from './child-plan.ts';
import type { ClosedLoopChildPlan } from './child-plan.ts';
import { findBodyProblem, findStatusProblem } from './expectations.ts';
import { createFailureLedger } from './failure-ledger.ts';
import { startGeneratorFigures } from './generator-figures.ts';
import { createLatencyRecorder } from './latency-summary.ts';
import { chooseOrigin, runAsChild } from './run-as-child.ts';
import { orderByWeight } from './weighted-order.ts';

/**
 * The window begins when every connection had its first answer, but not before the first and not after the second, in ms;
 * later when the plan asks for a longer warm-up.
 */
const WARM_UP_MS = { min: 200, max: 1_000 };
const WARM_UP_CHECK_MS = 5;

/** autocannon stops at the next multiple of this, in ms. */
const SAMPLE_MS = 50;

/** Requests that autocannon renders before it starts, over all connections: about 5 µs each. */
const MAX_RENDERED = 100_000;

interface WatchedEntry {
  readonly connection: WatchedConnection;
  readonly requestAt: (position: number) => LoadRequest;
  settled: number;
  settledInWindow: number;
}

/**
 * Closed loop: each connection sends its next request when the last one was answered. Counted is what completes within
 * a window by our own clock, because autocannon's own end is rounded to its sampling interval.
 * `ignoreCoordinatedOmission` is not set: autocannon 9 refuses it without a rate, and without a rate corrects nothing.
 */
async function runClosedLoop(
  plan: ClosedLoopChildPlan,
  announce: (edge: WindowEdge) => void,
): Promise<LoadResult> {
  const { requests, connections, durationMs, warmupMs = 0 } = plan;
  const ledger = createFailureLedger();
  const latency = createLatencyRecorder();
  const watched: WatchedEntry[] = [];
  let opensAt = Infinity;
  let closesAt = Infinity;
  let answered = 0;
  let bytes = 0;

  const origin = await chooseOrigin(plan.destination);
  const rendered = requests.map((request) => toAutocannon(request, plan.destination.host));
  const weights = requests.map(({ weight }) => weight);
  const cycle = Math.max(requests.length, Math.min(1_000, Math.floor(MAX_RENDERED / connections)));

  const watch = (client: autocannon.Client): void => {
    // A sequence of its own for each connection, else all of them would send the same request at the same time.
    const order = orderByWeight(weights, plan.seed + watched.length, cycle);
    const requestAt = (position: number): LoadRequest => requests[order[position] as number] as LoadRequest;
    const settle = (): boolean => {
      entry.settled += 1;
      const now = performance.now();
      if (now < opensAt || now >= closesAt) return false;
      entry.settledInWindow += 1;
      return true;
    };
    const connection = watchConnection(
      client,
      order.map((index) => rendered[index] as Request),
      REQUEST_TIMEOUT_S,
      {
        answered(position, answer) {
          if (!settle()) return;
          const request = requestAt(position);
          answered += 1;
          bytes += answer.bytes;
          const problem =
            findStatusProblem(request.expect, answer.status) ?? findBodyProblem(request.expect, answer.body);
          if (problem === undefined) latency.record(answer.ms);
          else ledger.add(request.name, problem, answer.body);
        },
        lost(position, reason) {
          if (settle()) ledger.add(requestAt(position).name, reason);
        },
      },
    );
    const entry: WatchedEntry = { connection, requestAt, settled: 0, settledInWindow: 0 };
    watched.push(entry);
  };

  const startedAt = performance.now();
  const instance = autocannon({
    url: origin,
    connections,
    requests: rendered.slice(0, 1),
    // Longer than we need it: it is stopped below.
    duration: Math.ceil(durationMs / 1_000) + 60,
    sampleInt: SAMPLE_MS,
    timeout: REQUEST_TIMEOUT_S,
    ...(plan.destination.servername === undefined ? {} : { servername: plan.destination.servername }),
    setupClient: watch,
    // Without a callback it is an emitter and a promise at once; the types tell of the promise only.
  }) as unknown as autocannon.Instance & PromiseLike<autocannon.Result>;

  for (;;) {
    await sleep(WARM_UP_CHECK_MS);
    const warmMs = performance.now() - startedAt;
    const allSettled = watched.every(({ settled }) => settled > 0);
    if (
      warmMs >= Math.max(WARM_UP_MS.max, warmupMs) ||
      (allSettled && warmMs >= Math.max(WARM_UP_MS.min, warmupMs))
    )
      break;
  }
  announce('opens');
  opensAt = performance.now();
  closesAt = opensAt + durationMs;
  const stopFigures = startGeneratorFigures();
  await sleep(durationMs);
  announce('closes');
  const figures = stopFigures();
  for (const { connection, requestAt, settledInWindow } of watched) {
    // Otherwise a server that hangs would look like one that was asked nothing.
    if (settledInWindow > 0 || !connection.isWaiting()) continue;
    ledger.add(requestAt(connection.position()).name, 'no answer in the whole window');
  }
  instance.stop();
  await instance;

  return {
    durationMs,
    answered,
    failed: ledger.total(),
    failures: ledger.list(),
    bytes,
    latency: latency.summarize(),
    generator: { ...figures, latenessP99Ms: 0 },
  };
}

function toAutocannon(request: LoadRequest, host: string): Request {
  const hasHost = Object.keys(request.headers).some((name) => name.toLowerCase() === 'host');
  return {
    // Any method that the goals allow is one of the literals in autocannon's type.
    method: request.method as NonNullable<Request['method']>,
    path: request.path,
    headers: hasHost ? { ...request.headers } : { host, ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Only our own parent writes the plan, from the same build: the shape is the type.
runAsChild((text) => JSON.parse(text) as ClosedLoopChildPlan, runClosedLoop);
