import { createHash } from 'node:crypto';
import type { Tree, Value } from './model.ts';

/** Of one value, in characters of its text: thousands of records. */
const LARGEST_VALUE = 512 * 1024;
/** Of all values of a process together; then only small ones are still kept. */
const LARGEST_TOTAL = 8 * 1024 * 1024;
const SMALL = 4 * 1024;
/** Of a digest's start, in characters. */
const KEPT_START = 4_000;

export type Bounder = (value: Value) => Value;

/** Keeps what one process did small enough to be handed on: what is large becomes a digest. */
export function createBounder(): Bounder {
  let total = 0;
  return (value) => {
    if (value.kind === 'digest') return value;
    const text = textOf(value);
    const limit = total > LARGEST_TOTAL ? SMALL : LARGEST_VALUE;
    if (text.length > limit) return digestOf(text);
    total += text.length;
    return value;
  };
}

/** The same for values that are equal, whatever the order of members and of a bag's rows. */
export function toDigest(value: Value): Extract<Value, { readonly kind: 'digest' }> {
  return value.kind === 'digest' ? value : digestOf(textOf(value));
}

/** JSON with sorted members. */
export function canonicalText(tree: Tree): string {
  if (typeof tree === 'number') return Object.is(tree, -0) ? '-0' : JSON.stringify(tree);
  if (tree === null || typeof tree !== 'object') return JSON.stringify(tree);
  if (isList(tree)) return `[${tree.map(canonicalText).join(',')}]`;
  const members = Object.keys(tree)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(tree[name] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** Type guard that keeps `readonly`, which Array.isArray drops. */
export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

function textOf(value: Exclude<Value, { readonly kind: 'digest' }>): string {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'tree':
      return canonicalText(value.tree);
    case 'rows': {
      const rows = value.rows.map((row) => canonicalText(row));
      return [JSON.stringify(value.columns), ...(value.ordered ? rows : rows.sort())].join('\n');
    }
  }
}

function digestOf(text: string): Extract<Value, { readonly kind: 'digest' }> {
  return {
    kind: 'digest',
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: Buffer.byteLength(text),
    start: text.slice(0, KEPT_START),
  };
}
