import type { Socket } from 'node:net';
import { Pool, buildConnector } from 'undici';
import type { Dispatcher } from 'undici';
import { headersOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { REQUEST_TIMEOUT_S } from './child-plan.ts';
import type { Destination } from './child-plan.ts';
import { chooseOrigin } from './run-as-child.ts';

export interface HttpCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Else only the start of the body is kept, as an example. */
  readonly wholeBody: boolean;
}

export interface CallEvents {
  /** The answer is complete. */
  answered(answer: Answer): void;
  /** There will never be one. */
  lost(reason: string): void;
}

export interface ConnectionPool {
  /** Sends in this turn where a connection is free; exactly one event follows. */
  send(call: HttpCall, events: CallEvents): void;
  /** Bytes on the wire, headers included, as autocannon counts them: undici tells its handlers of bodies only. */
  bytesRead(): number;
  /** What waits for an answer is lost. */
  destroy(): Promise<void>;
}

/** Keep-alive connections to the target, each with one request at a time; more wait here. */
export async function openPool(destination: Destination, connections: number): Promise<ConnectionPool> {
  const { connect, bytesRead } = countBytes(destination);
  const pool = new Pool(await chooseOrigin(destination), {
    connections,
    pipelining: 1,
    headersTimeout: REQUEST_TIMEOUT_S * 1_000,
    bodyTimeout: REQUEST_TIMEOUT_S * 1_000,
    connect,
  });
  return {
    send: (call, events) => void pool.dispatch(toUndici(call), handle(call, events)),
    bytesRead,
    destroy: () => pool.destroy(),
  };
}

function handle({ wholeBody }: HttpCall, events: CallEvents): Dispatcher.DispatchHandler {
  let status = 0;
  let headers = headersOf({});
  const chunks: Buffer[] = [];
  return {
    onRequestStart() {},
    onResponseStart(_controller, code, fields) {
      status = code;
      headers = headersOf(fields);
    },
    onResponseData(_controller, chunk) {
      if (wholeBody || chunks.length === 0) chunks.push(chunk);
    },
    onResponseEnd() {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      events.answered({ status, headers, body });
    },
    onResponseError: (_controller, error) => events.lost(describeError(error)),
  };
}

function toUndici({ method, path, headers, body }: HttpCall): Dispatcher.DispatchOptions {
  return { method, path, headers, ...(body === undefined ? {} : { body }) };
}

function countBytes(destination: Destination): {
  readonly connect: buildConnector.connector;
  readonly bytesRead: () => number;
} {
  const { loopback, servername } = destination;
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

function describeError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return `no answer within ${REQUEST_TIMEOUT_S} s`;
  }
  if (code === 'UND_ERR_SOCKET') return 'connection closed before the answer';
  // A template's value that no header or path may hold.
  if (code === 'UND_ERR_INVALID_ARG') return `not sent: ${error.message}`;
  return `connection failed: ${code}`;
}
