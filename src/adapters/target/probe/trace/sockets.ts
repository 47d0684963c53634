import { Socket } from 'node:net';
import { patchMethod } from './patch-method.ts';
import { isRecording, now } from './recorder.ts';

interface Connection {
  readonly number: string;
  readonly startedAt: number | undefined;
}

let last = 0;
const known = new WeakMap<object, Connection>();

/** Notes when each socket began to connect: its users see it a turn later at best. */
export function traceSockets(): void {
  patchMethod(Socket.prototype, 'connect', (connect) => {
    return function (this: unknown, ...args) {
      if (isRecording()) known.set(this as object, { number: numberNext(), startedAt: now() });
      return connect.apply(this, args);
    };
  });
}

function numberNext(): string {
  last += 1;
  return `c${last}`;
}

/** Number of a connection: of a socket, or of whatever a driver calls one. */
export function connectionOf(socket: object): Connection {
  let connection = known.get(socket);
  if (connection === undefined) {
    connection = { number: numberNext(), startedAt: undefined };
    known.set(socket, connection);
  }
  return connection;
}
