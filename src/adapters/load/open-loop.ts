import type { Socket } from 'node:net';
import { Pool, buildConnector } from 'undici';
import type { Dispatcher } from 'undici';
import type { LoadRequest, LoadResult, WindowEdge } from '../../core/ports/load.ts';
import { driveArrivals } from './arrivals.ts';
import { DRAIN_MS, REQUEST_TIMEOUT_S } from './child-plan.ts';
import type { OpenLoopChildPlan } from './child-plan.ts';
import { findBodyProblem, findStatusProblem } from './expectations.ts';
import { createFailureLedger } from './failure-ledger.ts';
import { startGeneratorFigures } from './generator-figures.ts';
import { createLatencyRecorder } from './latency-summary.ts';
import { chooseOrigin } from './run-as-child.ts';
import { orderByWeight } from './weighted-order.ts';

/**
 * Sockets that may be open at once; requests in flight beyond it wait here, and the wait is part of their latency.
 * Below the 1,024 files that many servers may have open by default.
 */
const MAX_CONNECTIONS = 1_000;

/** Between building the pool and the first arrival, so that the first is not late already. */
const LEAD_MS = 20;

/**
 * Open loop: requests are sent at constant distances whatever the server does, and latency counts from the intended
 * time, so waiting that a slow server causes to later users is in the numbers (wrk2's argument). Every arrival of the
 * window is accounted for: answered, failed, or not sent. A request that is unanswered when draining ends is a failure;
 * its latency so far is left out of the percentiles like that of every failure.
 */
export async function runOpenLoop(
  plan: OpenLoopChildPlan,
  announce: (edge: WindowEdge) => void = () => undefined,
): Promise<LoadResult> {
  const { durationMs, maxInFlight, ratePerS, requests } = plan;
  const ledger = createFailureLedger();
  const latency = createLatencyRecorder();
  const lateness = createLatencyRecorder();
  const unanswered = new Map<Dispatcher.DispatchHandler, LoadRequest>();
  let answered = 0;
  let onIdle: (() => void) | undefined;

  const { connect, bytesRead } = countBytes(plan);
  const pool = new Pool(await chooseOrigin(plan.destination), {
    connections: Math.min(maxInFlight, MAX_CONNECTIONS),
    pipelining: 1,
    headersTimeout: REQUEST_TIMEOUT_S * 1_000,
    bodyTimeout: REQUEST_TIMEOUT_S * 1_000,
    connect,
  });
  const options = requests.map((request) => toUndici(request, plan.destination.host));
  const order = orderByWeight(
    requests.map(({ weight }) => weight),
    plan.seed,
  );

  const send = (index: number, intendedAt: number): void => {
    const request = requests[index] as LoadRequest;
    if (unanswered.size >= maxInFlight) {
      ledger.add(request.name, `not sent: ${maxInFlight} requests in flight`);
      return;
    }
    let status = 0;
    let chunks: Buffer[] = [];
    const settle = (): boolean => {
      const isDue = unanswered.delete(handler);
      if (isDue && unanswered.size === 0) onIdle?.();
      return isDue;
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, code) {
        status = code;
      },
      onResponseData(_controller, chunk) {
        // The whole body only where something is expected of it; else its start, as an example.
        if (request.expect.bodyIncludes !== undefined || chunks.length === 0) chunks.push(chunk);
      },
      onResponseEnd() {
        const ms = performance.now() - intendedAt;
        if (!settle()) return;
        answered += 1;
        const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
        const problem = findStatusProblem(request.expect, status) ?? findBodyProblem(request.expect, body);
        if (problem === undefined) latency.record(ms);
        else ledger.add(request.name, problem, body.subarray(0, 1_000).toString('utf8'));
        chunks = [];
      },
      onResponseError(_controller, error) {
        if (settle()) ledger.add(request.name, describeError(error));
      },
    };
    unanswered.set(handler, request);
    lateness.record(performance.now() - intendedAt);
    pool.dispatch(options[index] as Dispatcher.DispatchOptions, handler);
  };

  let arrival = 0;
  announce('opens');
  const stopFigures = startGeneratorFigures();
  const startAt = performance.now() + LEAD_MS;
  await driveArrivals(
    { startAt, ratePerS, count: Math.max(1, Math.round((ratePerS * durationMs) / 1_000)) },
    (at) => {
      send(order[arrival % order.length] as number, at);
      arrival += 1;
    },
  );
  await sleep(startAt + durationMs - performance.now());
  announce('closes');
  const figures = stopFigures();

  if (unanswered.size > 0) {
    await Promise.race([new Promise<void>((resolve) => (onIdle = resolve)), sleep(DRAIN_MS)]);
  }
  for (const { name } of unanswered.values()) {
    ledger.add(name, `no answer ${DRAIN_MS / 1_000} s after the window`);
  }
  unanswered.clear();
  const bytes = bytesRead();
  await pool.destroy();

  return {
    durationMs,
    answered,
    failed: ledger.total(),
    failures: ledger.list(),
    bytes,
    latency: latency.summarize(),
    generator: { ...figures, latenessP99Ms: lateness.percentileMs(99) },
  };
}

/** Bytes on the wire, headers included, as autocannon counts them: undici tells its handlers of bodies only. */
function countBytes(plan: OpenLoopChildPlan): {
  readonly connect: buildConnector.connector;
  readonly bytesRead: () => number;
} {
  const { loopback, servername } = plan.destination;
  const open = buildConnector({
    // autocannon checks no certificate either; on loopback they are self-signed.
    rejectUnauthorized: !loopback,
    ...(servername === undefined ? {} : { servername }),
    timeout: REQUEST_TIMEOUT_S * 1_000,
  });
  const sockets = new Set<Socket>();
  let closed = 0;
  return {
    connect: (options, callback) => {
      open(options, (...result) => {
        // Told apart by the error: undici leaves the socket out after one, where its types say null.
        if (result[0] === null) {
          const socket = result[1];
          sockets.add(socket);
          socket.once('close', () => {
            sockets.delete(socket);
            closed += socket.bytesRead;
          });
        }
        callback(...result);
      });
    },
    bytesRead: () => [...sockets].reduce((sum, socket) => sum + socket.bytesRead, closed),
  };
}

function toUndici(request: LoadRequest, host: string): Dispatcher.DispatchOptions {
  const hasHost = Object.keys(request.headers).some((name) => name.toLowerCase() === 'host');
  return {
    method: request.method,
    path: request.path,
    headers: hasHost ? request.headers : { host, ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function describeError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return `no answer within ${REQUEST_TIMEOUT_S} s`;
  }
  if (code === 'UND_ERR_SOCKET') return 'connection closed before the answer';
  return `connection failed: ${code}`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
