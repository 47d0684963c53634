import * as diagnosticsChannel from 'node:diagnostics_channel';
import type { ModulePatch } from './module-patches.ts';
import { modulePatch, patchWhenLoaded } from './module-patches.ts';

export interface OperationCounts {
  /** Statements and commands sent to a database; null until a driver that we know was loaded. */
  readonly queries: number | null;
  /** HTTP requests that this thread sent. */
  readonly outboundCalls: number;
  /** HTTP requests that its servers began to answer, while they were counted. */
  readonly inboundRequests: number;
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, unknown>;

/** `node:http` and `https` clients; undici, and with it fetch (https://nodejs.org/api/diagnostics_channel.html). */
const OUTBOUND_CHANNELS = ['http.client.request.start', 'undici:request:create'];

const counts = { queries: 0, outboundCalls: 0, inboundRequests: 0, knowsDriver: false };

export function readOperationCounts(): OperationCounts {
  const { queries, outboundCalls, inboundRequests, knowsDriver } = counts;
  return { queries: knowsDriver ? queries : null, outboundCalls, inboundRequests };
}

/** Starts to count; a count costs an addition. Called before the first module of the program is loaded. */
export function countOperations(): void {
  for (const name of OUTBOUND_CHANNELS) {
    onPublish(name, () => {
      counts.outboundCalls += 1;
    });
  }
  patchWhenLoaded(DRIVERS);
}

let countsInbound = false;

/**
 * From the first call on. A count of each answer costs more than one of each query, 1 % of a hello-world, since node:http
 * makes an object for whoever listens.
 */
export function countInboundRequests(): void {
  if (countsInbound) return;
  countsInbound = true;
  onPublish('http.server.request.start', () => {
    counts.inboundRequests += 1;
  });
}

/** Whether there is something that is told for each request: then they are counted exactly. */
export function hasOperations(): boolean {
  return counts.knowsDriver || counts.outboundCalls > 0;
}

function onPublish(channel: string, count: () => void): void {
  // Not there before Node.js 16.17: then nothing is counted.
  if ('subscribe' in diagnosticsChannel) diagnosticsChannel.subscribe(channel, count);
}

const DRIVERS: readonly ModulePatch[] = [
  modulePatch('pg', (loaded) => countMethods(prototypeOf(loaded, 'Client'), ['query'])),
  modulePatch('mysql2', (loaded) => countMethods(prototypeOf(loaded, 'Connection'), ['query', 'execute'])),
  modulePatch('ioredis', (loaded) =>
    countMethods(prototypeOf(loaded, 'Redis') ?? prototypeOf({ loaded }, 'loaded'), ['sendCommand']),
  ),
  modulePatch('@redis/client', (loaded) => countMethods(prototypeOf(loaded, 'RedisClient'), ['sendCommand'])),
  modulePatch('better-sqlite3', (loaded) => countStatements(prototypeOf({ loaded }, 'loaded'))),
  modulePatch('libsql', (loaded) => countStatements(prototypeOf({ loaded }, 'loaded'))),
  modulePatch('node:sqlite', (loaded) => countStatements(prototypeOf(loaded, 'DatabaseSync'))),
];

function prototypeOf(holder: unknown, name: string): Methods | undefined {
  const value = isObject(holder) ? holder[name] : undefined;
  return typeof value === 'function' ? (value.prototype as Methods) : undefined;
}

function isObject(value: unknown): value is Methods {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

const PATCHED = Symbol.for('deep-optimize.counted');

/** Each method where it stands, which may be further up: a subclass shares it with its base. */
function countMethods(prototype: Methods | undefined, names: readonly string[]): void {
  for (const name of names) {
    let owner: unknown = prototype;
    while (isObject(owner) && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
    if (isObject(owner)) wrap(owner, name, (method) => countCalls(method));
  }
}

/** SQLite drivers run statements that were prepared once: their methods are what counts. */
function countStatements(database: Methods | undefined): void {
  if (database === undefined) return;
  countMethods(database, ['exec']);
  wrap(database, 'prepare', (prepare) => {
    return function (this: unknown, ...args) {
      const statement = prepare.apply(this, args);
      if (isObject(statement))
        countMethods(Object.getPrototypeOf(statement) as Methods, ['run', 'get', 'all', 'iterate']);
      return statement;
    };
  });
}

/** A driver's method may call another that is counted (`all` of libsql iterates): that is one statement. */
let isInside = false;

function countCalls(method: Callable): Callable {
  return function (this: unknown, ...args) {
    if (isInside) return method.apply(this, args);
    counts.queries += 1;
    isInside = true;
    try {
      return method.apply(this, args);
    } finally {
      isInside = false;
    }
  };
}

function wrap(owner: Methods, name: string, around: (method: Callable) => Callable): void {
  const method = owner[name];
  if (typeof method !== 'function' || PATCHED in method) return;
  const wrapped = around(method as Callable);
  Object.defineProperty(wrapped, 'name', { value: name });
  Object.defineProperty(wrapped, PATCHED, { value: true });
  owner[name] = wrapped;
  counts.knowsDriver = true;
}
