import { runIn } from './context.ts';
import type { Callable, Methods } from './patch-method.ts';
import { isObject, patchMethod, prototypeOf, quietly } from './patch-method.ts';
import { entryOfPool, tracePoolConnect, tracePoolQuery } from './pools.ts';
import { beginQuery, endQuery, siteOfStatement } from './queries.ts';
import { isRecording } from './recorder.ts';

/** mysql2: its promises are made of these callbacks. */
export function traceMysql(loaded: unknown): void {
  const connection = prototypeOf(loaded, 'Connection');
  patchMethod(connection, 'query', traceQuery);
  patchMethod(connection, 'execute', traceQuery);
  const pool = prototypeOf(loaded, 'Pool');
  const siteOf = (args: readonly unknown[]): number | undefined => siteOfStatement(textOf(args[0]) ?? '');
  patchMethod(pool, 'query', tracePoolQuery(siteOf));
  patchMethod(pool, 'execute', tracePoolQuery(siteOf));
  patchMethod(pool, 'getConnection', tracePoolConnect('mysql2.Pool'));
}

function textOf(query: unknown): string | undefined {
  const text = isObject(query) ? query['sql'] : query;
  return typeof text === 'string' ? text : undefined;
}

/** `execute` may call `query`: that is one statement. */
let isInside = false;

function traceQuery(original: Callable): Callable {
  return function (this: unknown, ...args) {
    const text = isRecording() && !isInside ? textOf(args[0]) : undefined;
    if (text === undefined || !isObject(this)) return original.apply(this, args);
    const [sql, given] = args;
    const values = Array.isArray(given) ? given : isObject(sql) ? sql['values'] : undefined;
    const query = quietly(() =>
      beginQuery({
        engine: 'mysql',
        text,
        parameters: Array.isArray(values) ? (values as readonly unknown[]) : undefined,
        connection: this,
        entry: entryOfPool(),
      }),
    );
    isInside = true;
    let command: unknown;
    try {
      command = original.apply(this, args);
    } finally {
      isInside = false;
    }
    if (query === undefined || !isObject(command)) return command;
    const onResult = command['onResult'];
    if (typeof onResult === 'function') {
      command['onResult'] = function (this: unknown, ...answer: unknown[]): unknown {
        const [error, rows] = answer;
        quietly(() => endQuery(query, { error, rows: rowsOf(rows) }));
        return runIn(query.store, () => (onResult as Callable).apply(this, answer));
      };
    } else quietly(() => watchEvents(command, (error) => endQuery(query, { error })));
    return command;
  };
}

/** A statement that writes answers with a header, one of several statements with a list of lists. */
function rowsOf(rows: unknown): readonly unknown[] | undefined {
  return Array.isArray(rows) && !Array.isArray(rows[0]) ? (rows as readonly unknown[]) : undefined;
}

/** A command without a callback emits; its `error` must stay as unheard as the program leaves it. */
function watchEvents(command: Methods, done: (error: unknown) => void): void {
  const { once } = command;
  if (typeof once !== 'function') return;
  once.call(command, 'end', () => done(undefined));
  once.call(command, 'close', (error: unknown) => done(error));
}
