import { currentStore, runIn, type Store } from './context.ts';
import { findSite } from './call-site.ts';
import type { Callable } from './patch-method.ts';
import { findCallback, isObject, isThenable, quietly, whenSettled } from './patch-method.ts';
import type { Entry } from './queries.ts';
import { addSpan, isRecording, now } from './recorder.ts';

/** Less is the turn in which a pool hands out a connection that lies ready. */
const SHORTEST_WAIT_MS = 1;

/** Connections, to when and how long they were opened. */
const opened = new WeakMap<object, { readonly from: number; readonly to: number; readonly name: string }>();

export function noteOpened(connection: object, name: string, from: number): void {
  opened.set(connection, { from, to: now(), name });
}

/** Set while a pool's own `query` asks its `connect`, and while the callback of that sends the statement: both at once. */
let asking: Entry | undefined;
let sending: Entry | undefined;

/** For the statement that is being sent by a pool; undefined where the program itself sends it. */
export function entryOfPool(): Entry | undefined {
  return sending;
}

/** `query` of a pool: its caller is known now, the connection later. */
export function tracePoolQuery(
  siteOf: (args: readonly unknown[]) => number | undefined,
): (original: Callable) => Callable {
  return (original) =>
    function (this: unknown, ...args) {
      if (!isRecording()) return original.apply(this, args);
      const before = asking;
      asking = quietly(() => ({ site: siteOf(args), store: currentStore() }));
      try {
        return original.apply(this, args);
      } finally {
        asking = before;
      }
    };
}

/** What hands out a connection of a pool, to a callback (error, connection) or as a promise. */
export function tracePoolConnect(name: string): (original: Callable) => Callable {
  return (original) =>
    function (this: unknown, ...args) {
      if (!isRecording()) return original.apply(this, args);
      const entry = asking;
      asking = undefined;
      const from = now();
      const store = entry?.store ?? currentStore();
      const site = entry === undefined ? quietly(() => findSite(`pool-wait ${name}`)) : entry.site;
      const at = findCallback(args);
      const callback = args[at];
      if (typeof callback === 'function') {
        args[at] = function (this: unknown, ...answer: unknown[]): unknown {
          quietly(() => handOut(name, from, store, site, answer[0], answer[1]));
          const before = sending;
          sending = entry;
          try {
            return runIn(store, () => (callback as Callable).apply(this, answer));
          } finally {
            sending = before;
          }
        };
        return original.apply(this, args);
      }
      const answer = original.apply(this, args);
      if (!isThenable(answer)) return answer;
      return whenSettled(answer, (error, connection) => handOut(name, from, store, site, error, connection));
    };
}

function handOut(
  name: string,
  from: number,
  store: Store | undefined,
  site: number | undefined,
  error: unknown,
  connection: unknown,
): void {
  const to = now();
  const made = isObject(connection) ? opened.get(connection) : undefined;
  const isFresh = made !== undefined && made.from >= from;
  // It was new once only.
  if (isObject(connection)) opened.delete(connection);
  if (to - from < SHORTEST_WAIT_MS && !isFresh) return;
  const context = store?.request;
  const ofRequest = context === undefined ? {} : { request: context.request };
  const wait = addSpan({
    kind: 'pool-wait',
    name,
    from,
    to,
    ...ofRequest,
    ...(context === undefined ? {} : { parent: context.span }),
    ...(site === undefined ? {} : { site }),
    ...(error === undefined || error === null ? {} : { failed: true as const }),
    ...(isFresh ? { fresh: true as const } : {}),
  });
  if (isFresh && wait !== undefined)
    addSpan({ kind: 'connect', name: made.name, from: made.from, to: made.to, parent: wait, ...ofRequest });
}
