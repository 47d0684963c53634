import type { Client, Request } from 'autocannon';
import type { Socket } from 'node:net';
import { rawHeadersOf } from './answer.ts';
import type { Answer } from './answer.ts';

/** Pause before a refused connection is tried again; autocannon itself retries at once, in a busy loop. */
const RETRY_MS = 20;

export interface ConnectionEvents {
  sent(): void;
  /** A complete answer to `sequence[position]`, of so many bytes with its headers, after so many ms. */
  answered(position: number, answer: Answer, bytes: number, ms: number): void;
  /** A request that will never be answered. */
  lost(position: number, reason: string): void;
}

export interface WatchedConnection {
  /** True while a request of this connection waits for its answer. */
  isWaiting(): boolean;
  /** Position in the sequence of the request that was sent last. */
  position(): number;
}

/** The parts of autocannon 9.0.0's client (lib/httpClient.js) that its types leave out; package.json pins the version. */
interface ClientInternals {
  conn?: Socket;
  destroyed: boolean;
  readonly parser: {
    state: string;
    initialize(type: string): void;
    finish(): void;
    [callback: number]: (info: { readonly shouldKeepAlive: boolean }) => unknown;
    readonly constructor: { readonly RESPONSE: string; readonly kOnHeadersComplete: number };
  };
  readonly pipelinedRequests: { size(): number };
  readonly requestIterator: {
    recordBody(request: unknown, status: number, body: string, headers: readonly string[] | undefined): void;
  };
  _connect(): void;
  _doRequest(): void;
  _destroyConnection(): void;
  on(event: 'request' | 'timeout', listener: () => void): void;
  on(event: 'connError', listener: (error: NodeJS.ErrnoException) => void): void;
  on(event: 'response', listener: (status: number, bytes: number, ms: number) => void): void;
}

/**
 * Gives one autocannon client its own cyclic sequence of requests and reports what becomes of each of them. Called from
 * `setupClient`, before the client connects. On the way it repairs what makes autocannon 9's numbers wrong as soon as a
 * connection does not live forever:
 * - a request whose connection broke stayed in the queue, so every later answer was timed from an older start;
 * - half of an answer stayed in the parser, and the next connection's answer was read as its rest;
 * - after an answer with `Connection: close` (HTTP/1.0 servers) the next request was written into the dying socket;
 * - an answer that ends with its connection never completed, and neither did one to HEAD with a Content-Length.
 */
export function watchConnection(
  client: Client,
  sequence: readonly Request[],
  timeoutS: number,
  events: ConnectionEvents,
): WatchedConnection {
  client.setRequests([...sequence]);
  const internals = client as unknown as ClientInternals;
  const { parser, requestIterator } = internals;
  const { RESPONSE, kOnHeadersComplete } = parser.constructor;
  let sent = 0;
  let body = '';
  let headers: readonly string[] = [];
  let closing = false;
  let failure: string | undefined;
  let retry: NodeJS.Timeout | undefined;
  const positionOf = (request: number): number => Math.max(0, request - 1) % sequence.length;

  internals.on('request', () => {
    sent += 1;
    events.sent();
  });

  // In place of autocannon's own, which builds an object of all headers for every answer.
  requestIterator.recordBody = (_request, _status, text, fields) => {
    body = text;
    headers = fields ?? [];
  };
  internals.on('response', (status, bytes, ms) => {
    events.answered(positionOf(sent), { status, headers: rawHeadersOf(headers), body }, bytes, ms);
  });

  internals.on('connError', (error) => {
    failure = `connection failed: ${error.code ?? error.message}`;
  });
  // The client has sent its next request by the time that it tells.
  internals.on('timeout', () => events.lost(positionOf(sent - 1), `no answer within ${timeoutS} s`));

  const doRequest = internals._doRequest.bind(internals);
  internals._doRequest = () => {
    if (!closing) doRequest();
    else internals._connect();
  };

  const watchHeaders = (): void => {
    const onHeadersComplete = parser[kOnHeadersComplete]?.bind(parser);
    parser[kOnHeadersComplete] = (info) => {
      onHeadersComplete?.(info);
      const hasNoBody = sequence[positionOf(sent)]?.method === 'HEAD';
      // Without a length a body ends with its connection, but an answer to HEAD has none whatever its headers say.
      closing = !info.shouldKeepAlive && !hasNoBody;
      return hasNoBody;
    };
  };

  const connect = internals._connect.bind(internals);
  internals._connect = () => {
    const waiting = internals.pipelinedRequests.size() > 0;
    if (waiting && failure === undefined && parser.state === 'BODY_RAW') {
      // The end of the connection is the end of the answer; completing it sends the next request, which connects.
      parser.finish();
      return;
    }
    if (waiting) events.lost(positionOf(sent), failure ?? 'connection closed before the answer');
    const pauseMs = failure === undefined ? 0 : RETRY_MS;
    failure = undefined;
    closing = false;
    clearTimeout(retry);
    if (internals.conn !== undefined) internals._destroyConnection();
    // The constructor sets the parser's callbacks between `setupClient` and its first connection.
    else watchHeaders();
    parser.initialize(RESPONSE);
    if (pauseMs === 0) connect();
    else {
      retry = setTimeout(() => {
        if (!internals.destroyed) connect();
      }, pauseMs);
    }
  };

  return { isWaiting: () => internals.pipelinedRequests.size() > 0, position: () => positionOf(sent) };
}
