import { types } from 'node:util';
import type { Tree } from '../../core/behaviour/model.ts';

/** What JSON does not have is an object with this member; an object of the program that has one is written with one more "$". */
const TAG = '$';

/** Nodes of one value: a graph in which everything leads to everything has no end as a tree. */
const MOST_NODES = 2_000_000;
/** Deeper than any data that is meant to be read; keeps the recursion below the stack's limit. */
const DEEPEST = 500;

/**
 * Any JavaScript value as a tree: undefined, NaN, -0, BigInt, dates, errors (name and message: stacks name lines), maps and
 * sets (in an order of their own: theirs is that of insertion, which isDeepStrictEqual does not look at either), buffers and
 * typed arrays, classes by their name, cycles as the number of levels up. `hide` takes out of texts what names the place.
 * Functions and symbols are known by their kind alone: their text may change where nothing else does.
 */
export function valueTree(value: unknown, hide: (text: string) => string): Tree {
  let nodes = 0;
  const ancestors: object[] = [];

  const write = (current: unknown): Tree => {
    nodes += 1;
    switch (typeof current) {
      case 'string':
        return hide(current);
      case 'boolean':
        return current;
      case 'number':
        return Number.isFinite(current) && !Object.is(current, -0) ? current : tagged(numberName(current));
      case 'undefined':
        return tagged('undefined');
      case 'bigint':
        return tagged('BigInt', { value: String(current) });
      case 'symbol':
        return tagged('Symbol', { description: current.description ?? '' });
      case 'function':
        return tagged('function');
      case 'object':
        return current === null ? null : writeObject(current);
    }
  };

  const writeObject = (current: object): Tree => {
    const above = ancestors.lastIndexOf(current);
    if (above >= 0) return tagged('cycle', { levels_up: ancestors.length - above });
    if (nodes > MOST_NODES || ancestors.length > DEEPEST) return tagged('not looked at');
    ancestors.push(current);
    try {
      return writeMembers(current);
    } catch (error) {
      // A getter or a proxy of the measured program.
      return tagged('unreadable', { error: error instanceof Error ? hide(error.message) : String(error) });
    } finally {
      ancestors.pop();
    }
  };

  const writeMembers = (current: object): Tree => {
    const kind = classOf(current);
    if (Array.isArray(current)) {
      // Holes are not undefined, and arrays may have members beside their items.
      const items = Array.from(current, (item: unknown, index) =>
        index in current ? write(item) : tagged('hole'),
      );
      const more = membersOf(current).filter(([name]) => !/^\d+$/.test(name));
      return kind === 'Array' && more.length === 0
        ? items
        : tagged(kind, { items, ...(more.length === 0 ? {} : { members: toObject(more) }) });
    }
    if (types.isDate(current))
      return tagged(kind, { value: Number.isNaN(current.getTime()) ? 'invalid' : current.toISOString() });
    if (types.isRegExp(current)) return tagged(kind, { value: String(current) });
    if (types.isMap(current)) {
      const entries = [...current].map(([key, item]): Tree => [write(key), write(item)]);
      return tagged(kind, { entries: sorted(entries), ...ownMembers(current) });
    }
    if (types.isSet(current))
      return tagged(kind, { values: sorted([...current].map(write)), ...ownMembers(current) });
    if (types.isTypedArray(current)) {
      const items = Array.from(current as ArrayLike<number | bigint>, (item) =>
        typeof item === 'bigint' ? String(item) : write(item),
      );
      return tagged(kind, { items });
    }
    if (types.isDataView(current) || types.isAnyArrayBuffer(current)) {
      const bytes = types.isDataView(current)
        ? Buffer.from(current.buffer, current.byteOffset, current.byteLength)
        : Buffer.from(current);
      return tagged(kind, { base64: bytes.toString('base64') });
    }
    if (types.isBoxedPrimitive(current)) return tagged(kind, { value: write(current.valueOf()) });
    if (current instanceof Error) return errorTree(current, kind);
    if (types.isPromise(current)) return tagged('Promise');
    if (types.isWeakMap(current) || types.isWeakSet(current)) return tagged(kind);
    const members = toObject(membersOf(current));
    if (kind === 'Object') return members;
    return tagged(kind, { members });
  };

  const errorTree = (error: Error, kind: string): Tree => {
    const { cause } = error;
    const members = membersOf(error).filter(([name]) => name !== 'stack' && name !== 'cause');
    return tagged(kind, {
      name: hide(error.name),
      message: hide(error.message),
      ...(cause === undefined ? {} : { cause: write(cause) }),
      ...(members.length === 0 ? {} : { members: toObject(members) }),
    });
  };

  const ownMembers = (current: object): { readonly members?: Tree } => {
    const members = membersOf(current);
    return members.length === 0 ? {} : { members: toObject(members) };
  };

  const toObject = (members: readonly (readonly [string, unknown])[]): Tree =>
    Object.fromEntries(
      members.map(([name, member]) => [name.startsWith(TAG) ? `${TAG}${name}` : name, write(member)]),
    );

  return write(value);
}

function tagged(kind: string, content: Readonly<Record<string, Tree>> = {}): Tree {
  return { [TAG]: kind, ...content };
}

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** What for-in and JSON see, and symbols that are no internals of a library (registered ones). */
function membersOf(owner: object): readonly (readonly [string, unknown])[] {
  const symbols = Object.getOwnPropertySymbols(owner).flatMap((symbol) => {
    const name = Symbol.keyFor(symbol);
    const isSeen = name !== undefined && Object.prototype.propertyIsEnumerable.call(owner, symbol);
    return isSeen ? [[`Symbol(${name})`, Reflect.get(owner, symbol) as unknown] as const] : [];
  });
  return [...(Object.entries(owner) as (readonly [string, unknown])[]), ...symbols];
}

function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null) return 'Object';
  const maker: unknown = Reflect.get(prototype, 'constructor');
  return typeof maker === 'function' ? maker.name : 'Object';
}

/** By their text, so that equal ones come in the same order. */
function sorted(trees: readonly Tree[]): Tree {
  return trees
    .map((tree) => ({ tree, text: JSON.stringify(tree) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ tree }) => tree);
}
