import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect } from 'node:net';
import type { Ready } from '../../core/model/goals.ts';

/** One look at a program that is starting. */
export interface Look {
  /** Host of the origin, set when ready. */
  readonly host?: string;
  /** What is still missing, for the message when time is over. */
  readonly missing: string;
}

/** Where a program is expected to serve, and how. */
export interface Endpoint {
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/** "localhost" is 127.0.0.1 for some programs and ::1 for others. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1'] as const;
/** One request; the next look may have more luck with a program that has just begun. */
const REQUEST_LIMIT_MS = 2_000;

function acceptsConnection(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: REQUEST_LIMIT_MS });
    const finish = (accepts: boolean) => () => {
      socket.destroy();
      resolve(accepts);
    };
    socket.once('connect', finish(true));
    socket.once('error', finish(false));
    socket.once('timeout', finish(false));
  });
}

/** Status of the answer; undefined when there was none. */
function fetchStatus({ scheme, port }: Endpoint, host: string, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    // A connection of its own: one that is kept alive would count among the target's when the load starts.
    const options = { host, port, path, agent: false, timeout: REQUEST_LIMIT_MS } as const;
    const onResponse = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode);
      response.once('end', () => request.destroy());
    };
    const request =
      scheme === 'https'
        ? getSecurely({ ...options, rejectUnauthorized: false }, onResponse)
        : get(options, onResponse);
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
    request.once('close', () => resolve(undefined));
  });
}

async function lookAtPort(port: number): Promise<Look> {
  for (const host of LOOPBACK_HOSTS) {
    if (await acceptsConnection(host, port)) return { host, missing: '' };
  }
  return { missing: `nothing accepts connections on port ${port}` };
}

async function lookAtPath(endpoint: Endpoint, path: string): Promise<Look> {
  const { port } = endpoint;
  const { host, missing } = await lookAtPort(port);
  if (host === undefined) return { missing };
  const status = await fetchStatus(endpoint, host, path);
  if (status !== undefined && status < 500) return { host, missing: '' };
  const answer = status === undefined ? 'does not answer' : `answers ${status}`;
  return { missing: `port ${port} is open, but GET ${path} ${answer}` };
}

/** `sawLine` tells whether the awaited line of output has come. The port counts in every case: load needs it. */
export async function lookWhetherReady(ready: Ready, endpoint: Endpoint, sawLine: boolean): Promise<Look> {
  if ('path' in ready) return lookAtPath(endpoint, ready.path);
  if ('output' in ready && !sawLine) {
    return { missing: `no line of output contains ${JSON.stringify(ready.output)}` };
  }
  return lookAtPort(endpoint.port);
}
