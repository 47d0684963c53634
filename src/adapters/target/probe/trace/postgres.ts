import { runIn } from './context.ts';
import type { Callable, Methods } from './patch-method.ts';
import {
  findCallback,
  isObject,
  isThenable,
  patchMethod,
  prototypeOf,
  quietly,
  whenSettled,
} from './patch-method.ts';
import { entryOfPool, noteOpened, tracePoolConnect, tracePoolQuery } from './pools.ts';
import type { TracedQuery } from './queries.ts';
import { beginQuery, endQuery, noteFreshConnection, siteOfStatement } from './queries.ts';
import { beginSpan, endSpan, isRecording, now } from './recorder.ts';

/** pg 8 and later. */
export function tracePg(loaded: unknown): void {
  const client = prototypeOf(loaded, 'Client');
  patchMethod(client, 'query', traceQuery);
  patchMethod(client, 'connect', traceConnect);
}

export function tracePgPool(loaded: unknown): void {
  const pool = typeof loaded === 'function' ? (loaded.prototype as unknown) : undefined;
  patchMethod(
    pool,
    'query',
    tracePoolQuery((args) => siteOfStatement(textOf(args[0]) ?? '')),
  );
  patchMethod(pool, 'connect', tracePoolConnect('pg.Pool'));
}

function textOf(config: unknown): string | undefined {
  if (typeof config === 'string') return config;
  const text = isObject(config) ? config['text'] : undefined;
  return typeof text === 'string' ? text : undefined;
}

function parametersOf(args: readonly unknown[]): readonly unknown[] | undefined {
  const values = Array.isArray(args[1]) ? args[1] : isObject(args[0]) ? args[0]['values'] : undefined;
  return Array.isArray(values) ? (values as readonly unknown[]) : undefined;
}

function traceQuery(original: Callable): Callable {
  return function (this: unknown, ...args) {
    const text = isRecording() ? textOf(args[0]) : undefined;
    if (text === undefined || !isObject(this)) return original.apply(this, args);
    const query = quietly(() =>
      beginQuery({
        engine: 'postgres',
        text,
        parameters: parametersOf(args),
        connection: this,
        entry: entryOfPool(),
      }),
    );
    if (query === undefined) return original.apply(this, args);
    const [config] = args;
    if (isObject(config) && typeof config['submit'] === 'function') {
      watchSubmittable(config, query);
      return original.apply(this, args);
    }
    const at = findCallback(args);
    if (at > 0) args[at] = watchCallback(args[at] as Callable, query);
    const answer = original.apply(this, args);
    if (!isThenable(answer)) return answer;
    return whenSettled(answer, (error, result) => end(query, error, result));
  };
}

function watchCallback(callback: Callable, query: TracedQuery): Callable {
  return function (this: unknown, ...answer) {
    quietly(() => end(query, answer[0], answer[1]));
    return runIn(query.store, () => callback.apply(this, answer));
  };
}

/** Of several statements in one text the rows are not told apart. */
function end(query: TracedQuery, error: unknown, result: unknown): void {
  const rows = isObject(result) ? result['rows'] : undefined;
  const fields = isObject(result) ? result['fields'] : undefined;
  const hasRows = Array.isArray(rows) && Array.isArray(fields) && fields.length > 0;
  endQuery(query, { error, rows: hasRows ? (rows as readonly unknown[]) : undefined });
}

/** Cursors, streams and queries of the program's own: the driver calls them back by name. */
function watchSubmittable(submittable: Methods, query: TracedQuery): void {
  const watch = (name: string, error: unknown): void => {
    const handle = submittable[name];
    if (typeof handle !== 'function') return;
    submittable[name] = function (this: unknown, ...args: unknown[]): unknown {
      quietly(() => endQuery(query, error === undefined ? {} : { error }));
      return (handle as Callable).apply(this, args);
    };
  };
  watch('handleReadyForQuery', undefined);
  watch('handleError', true);
}

function traceConnect(original: Callable): Callable {
  return function (this: unknown, ...args) {
    if (!isRecording() || !isObject(this)) return original.apply(this, args);
    const from = now();
    const name = `postgres ${String(this['host'])}:${String(this['port'])}`;
    const [callback] = args;
    if (typeof callback === 'function') {
      args[0] = (...answer: unknown[]): unknown => {
        // A pool waits so, and tells for whom when it hands the connection out.
        quietly(() => {
          if (answer[0] !== undefined && answer[0] !== null) return;
          noteOpened(this, name, from);
          noteFreshConnection(this);
        });
        return (callback as Callable).apply(this, answer);
      };
      return original.apply(this, args);
    }
    const span = beginSpan('connect', name, { from });
    const answer = original.apply(this, args);
    if (!isThenable(answer)) return answer;
    return whenSettled(answer, (error) => {
      endSpan(span, error === undefined ? {} : { failed: true });
      if (error === undefined) noteFreshConnection(this);
    });
  };
}
