import Module, { createRequire } from 'node:module';
import type { Callable } from './patch-method.ts';
import { isObject, patchMethod, prototypeOf, quietly } from './patch-method.ts';
import { beginQuery, endQuery } from './queries.ts';
import { isRecording } from './recorder.ts';

/** Statements that were prepared, to their text and database. */
const prepared = new WeakMap<object, { readonly text: string; readonly database: object }>();

/** `all` of libsql iterates: that is one statement. */
let isInside = false;

/** Drivers that answer at once: better-sqlite3, libsql and node:sqlite have the same methods. */
export function traceSqlite(database: unknown): void {
  patchMethod(database, 'exec', (exec) =>
    traceCall(exec, 'exec', (self, args) => ({ text: String(args[0]), database: self })),
  );
  patchMethod(database, 'prepare', (prepare) => {
    return function (this: unknown, ...args) {
      const statement = prepare.apply(this, args);
      if (isObject(statement) && isObject(this)) {
        prepared.set(statement, { text: String(args[0]), database: this });
        quietly(() => patchStatement(Object.getPrototypeOf(statement)));
      }
      return statement;
    };
  });
}

export function traceSqliteClass(loaded: unknown): void {
  traceSqlite(prototypeOf({ loaded }, 'loaded'));
}

export function traceNodeSqlite(loaded: unknown): void {
  traceSqlite(prototypeOf(loaded, 'DatabaseSync'));
}

type Resolve = (specifier: string, context: unknown, next: Resolve) => { readonly url: string };

/**
 * An import of a built-in module does not come through the loader that require uses. It is not loaded beforehand, since
 * that prints a warning where the module is experimental; Node.js 22.15 and later tell when the program asks for it.
 */
export function traceNodeSqliteImports(): void {
  const { registerHooks } = Module as unknown as { registerHooks?: (hooks: { resolve: Resolve }) => void };
  registerHooks?.({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context, next);
      if (resolved.url === 'node:sqlite')
        quietly(() => traceNodeSqlite(createRequire(__filename)('node:sqlite')));
      return resolved;
    },
  });
}

function patchStatement(prototype: unknown): void {
  for (const name of ['run', 'get', 'all', 'iterate'])
    patchMethod(prototype, name, (method) => traceCall(method, name, (self) => prepared.get(self)));
}

type Lookup = (
  self: object,
  args: readonly unknown[],
) => { readonly text: string; readonly database: object } | undefined;

function traceCall(original: Callable, name: string, lookUp: Lookup): Callable {
  return function (this: unknown, ...args) {
    if (isInside || !isRecording() || !isObject(this)) return original.apply(this, args);
    const found = lookUp(this, args);
    if (found === undefined) return original.apply(this, args);
    const query = quietly(() =>
      beginQuery({
        engine: 'sqlite',
        text: found.text,
        parameters: name === 'exec' ? undefined : parametersOf(args),
        connection: found.database,
      }),
    );
    isInside = true;
    let error: unknown;
    let result: unknown;
    try {
      result = original.apply(this, args);
      return result;
    } catch (thrown) {
      error = thrown ?? true;
      throw thrown;
    } finally {
      isInside = false;
      quietly(() => endQuery(query, { error, rows: error === undefined ? rowsOf(name, result) : undefined }));
    }
  };
}

/** Named ones come as one object, which stands for the list. */
function parametersOf(args: readonly unknown[]): readonly unknown[] | undefined {
  return args.length === 0
    ? undefined
    : args.length === 1 && Array.isArray(args[0])
      ? (args[0] as unknown[])
      : args;
}

/** `all` gives a list, `get` a row or nothing; `iterate` gives them later, and what `run` gives is no row. */
function rowsOf(name: string, result: unknown): readonly unknown[] | undefined {
  if (name === 'all' && Array.isArray(result)) return result as readonly unknown[];
  return name === 'get' ? (result === undefined || result === null ? [] : [result]) : undefined;
}
