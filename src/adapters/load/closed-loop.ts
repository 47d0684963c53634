import autocannon from 'autocannon';
import type { Request } from 'autocannon';
import type { Lookup } from '../../core/load/templates.ts';
import type { LoadRequest, LoadResult, WindowEdge } from '../../core/ports/load.ts';
import { watchConnection } from './autocannon-client.ts';
import type { WatchedConnection } from './autocannon-client.ts';
import { REQUEST_TIMEOUT_S } from './child-plan.ts';
import type { ClosedLoopChildPlan, Directed } from './child-plan.ts';
import { sleep, warmUp } from './closed-window.ts';
import { compileCall } from './compile-call.ts';
import type { HttpCall } from './connection-pool.ts';
import { compileExpectation } from './expectations.ts';
import { toLoadResult } from './load-result.ts';
import { createFailureLedger } from './failure-ledger.ts';
import { startGeneratorFigures } from './generator-figures.ts';
import { createLatencyRecorder } from './latency-summary.ts';
import { chooseOrigin } from './run-as-child.ts';
import { createStallWatch } from './stall-watch.ts';
import { createInputs } from './user-inputs.ts';
import { orderByWeight } from './weighted-order.ts';

/** autocannon stops at the next multiple of this, in ms. */
const SAMPLE_MS = 50;

/** Requests that autocannon renders before it starts, over all connections: about 5 µs each. */
const MAX_RENDERED = 100_000;

type Renderer = ReturnType<typeof compileCall>;

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
export async function runClosedLoop(
  plan: Directed<ClosedLoopChildPlan>,
  announce: (edge: WindowEdge) => void,
): Promise<LoadResult> {
  const { requests, connections, durationMs, warmupMs = 0 } = plan;
  const ledger = createFailureLedger();
  const latency = createLatencyRecorder();
  const stalls = createStallWatch();
  const watched: WatchedEntry[] = [];
  let opensAt = Infinity;
  let closesAt = Infinity;
  let answered = 0;
  let bytes = 0;

  const origin = await chooseOrigin(plan.destination);
  const renderers = requests.map((request) => compileCall(request, plan.destination.host, true));
  const checks = requests.map(({ expect }) => compileExpectation(expect));
  const weights = requests.map(({ weight }) => weight);
  const maxRendered = Math.floor(MAX_RENDERED / connections);
  const cycle = Math.max(requests.length, Math.min(1_000, maxRendered));
  const inputsOf = createInputs(plan.data, plan.seed);
  const rowsOfEach = Math.min(maxRendered, Math.ceil((plan.data?.rows.length ?? 0) / connections));

  const toAutocannon = (index: number, row: Lookup): Request => fromCall((renderers[index] as Renderer)(row));
  const watch = (client: autocannon.Client): void => {
    // A sequence of its own for each connection, else all of them would send the same request at the same time.
    const user = watched.length;
    const order = lengthen(orderByWeight(weights, plan.seed + user, cycle), rowsOfEach);
    const requestAt = (position: number): LoadRequest => requests[order[position] as number] as LoadRequest;
    const settle = (): boolean => {
      entry.settled += 1;
      stalls.settled();
      const now = performance.now();
      if (now < opensAt || now >= closesAt) return false;
      entry.settledInWindow += 1;
      return true;
    };
    const connection = watchConnection(
      client,
      order.map((index, position) => toAutocannon(index, inputsOf(user + position * connections))),
      REQUEST_TIMEOUT_S,
      {
        sent: () => stalls.sent(),
        answered(position, answer, size, ms) {
          if (!settle()) return;
          answered += 1;
          bytes += size;
          const problem = checks[order[position] as number]?.(answer);
          if (problem === undefined) latency.record(ms);
          else ledger.add(requestAt(position).name, problem, answer.body.toString());
        },
        lost(position, reason) {
          if (settle()) ledger.add(requestAt(position).name, reason);
        },
      },
    );
    const entry: WatchedEntry = { connection, requestAt, settled: 0, settledInWindow: 0 };
    watched.push(entry);
  };

  const instance = autocannon({
    url: origin,
    connections,
    requests: [toAutocannon(0, inputsOf(0))],
    // Longer than we need it: it is stopped below.
    duration: Math.ceil(durationMs / 1_000) + 60,
    sampleInt: SAMPLE_MS,
    timeout: REQUEST_TIMEOUT_S,
    ...(plan.destination.servername === undefined ? {} : { servername: plan.destination.servername }),
    setupClient: watch,
    // Without a callback it is an emitter and a promise at once; the types tell of the promise only.
  }) as unknown as autocannon.Instance & PromiseLike<autocannon.Result>;

  await warmUp(warmupMs, () => watched.every(({ settled }) => settled > 0));
  announce('opens');
  stalls.open();
  opensAt = performance.now();
  closesAt = opensAt + durationMs;
  const stopFigures = startGeneratorFigures();
  await sleep(durationMs);
  stalls.close();
  announce('closes');
  const figures = stopFigures();
  for (const { connection, requestAt, settledInWindow } of watched) {
    // Otherwise a server that hangs would look like one that was asked nothing.
    if (settledInWindow > 0 || !connection.isWaiting()) continue;
    ledger.add(requestAt(connection.position()).name, 'no answer in the whole window');
  }
  instance.stop();
  await instance;

  return toLoadResult({
    durationMs,
    answered,
    bytes,
    journeys: null,
    ledger,
    latency,
    stalls,
    figures,
  });
}

function fromCall({ method, path, headers, body }: HttpCall): Request {
  return {
    // Any method that the goals allow is one of the literals in autocannon's type.
    method: method as NonNullable<Request['method']>,
    path,
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

/** Whole orders in a row until there are as many places as rows: the mix stays, and every row gets its turn. */
function lengthen(order: readonly number[], places: number): readonly number[] {
  return Array.from({ length: Math.max(1, Math.ceil(places / order.length)) }, () => order).flat();
}
