import { compareBags, recordTree, rowTexts } from './bag.ts';
import { canonicalText, toDigest } from './bound-value.ts';
import { compareTrees, type TreeDifference } from './compare-trees.ts';
import type { Mask } from './learn-mask.ts';
import type { Behaviour, Observation, Tree, Value } from './model.ts';
import { describePath, type PathMask } from './path-mask.ts';
import { textTree } from './text-tree.ts';

/** One thing that the candidate does otherwise. Texts are of the measured program: data, and bounded. */
export interface BehaviourDifference {
  /** The input, e.g. "GET /posts?page=1". */
  readonly of: string;
  /** The place in what it answered, e.g. "body $.items[3].price". */
  readonly where: string;
  readonly baseline: string;
  readonly candidate: string;
  /** How far apart two numbers are, as a share of the larger one; null for what is no number. */
  readonly apart: number | null;
  /** The same for one field of all records and inputs of a group: who shows one of them shows the others too. */
  readonly field: string;
  /** By which differences are sorted: how many characters changed. */
  readonly size: number;
}

export interface BehaviourComparison {
  /** Inputs whose answers were compared. */
  readonly compared: number;
  /** The smallest first. */
  readonly differences: readonly BehaviourDifference[];
  /** Everything that was asked for is masked: nothing can be said. */
  readonly blind: boolean;
}

/** Characters of a value that a difference shows. */
const SHOWN = 100;

export function compareBehaviour(baseline: Behaviour, candidate: Behaviour, mask: Mask): BehaviourComparison {
  const candidates = new Map(candidate.observations.map((observation) => [observation.id, observation]));
  const known = new Set(baseline.observations.map(({ id }) => id));
  const differences: BehaviourDifference[] = [];
  for (const observation of baseline.observations) {
    differences.push(...differencesOf(observation, candidates.get(observation.id), mask));
  }
  for (const observation of candidate.observations) {
    if (!known.has(observation.id)) differences.push(...differencesOf(undefined, observation, mask));
  }
  return {
    compared: baseline.observations.length,
    differences: differences.sort((a, b) => a.size - b.size),
    blind: baseline.observations.every((observation) => isBlind(observation, mask)),
  };
}

/** The smallest difference of each field, in the same order. */
export function firstOfEachField(
  differences: readonly BehaviourDifference[],
): readonly BehaviourDifference[] {
  const seen = new Set<string>();
  return differences.filter(({ field }) => {
    if (seen.has(field)) return false;
    seen.add(field);
    return true;
  });
}

function isBlind({ group, facets, main }: Observation, mask: Mask): boolean {
  const there = main.filter((name) => facets[name] !== undefined);
  return there.length > 0 && there.every((name) => mask.of(group, name).isMasked);
}

function differencesOf(
  a: Observation | undefined,
  b: Observation | undefined,
  mask: Mask,
): readonly BehaviourDifference[] {
  const either = a ?? b;
  if (either === undefined) return [];
  const names = new Set([...Object.keys(a?.facets ?? {}), ...Object.keys(b?.facets ?? {})]);
  return [...names].flatMap((name) => {
    const masked = mask.of(either.group, name);
    if (masked.isMasked) return [];
    return compareValues(a?.facets[name], b?.facets[name], masked).map((found) => ({
      apart: null,
      ...found,
      of: either.name,
      where: found.where === '' ? name : `${name} ${found.where}`,
      field: `${either.group}: ${name} ${found.where.replaceAll(/\d+/g, '*')}`,
    }));
  });
}

interface Found {
  /** Within the facet; empty for all of it. */
  readonly where: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly apart?: number | null;
  readonly size: number;
}

function compareValues(a: Value | undefined, b: Value | undefined, mask: PathMask): readonly Found[] {
  if (a === undefined || b === undefined) {
    const [baseline, candidate] = [showValue(a), showValue(b)];
    return [{ where: '', baseline, candidate, size: sizeOf(a) + sizeOf(b) }];
  }
  if (a.kind === 'tree' && b.kind === 'tree') return ofTrees(a.tree, b.tree, mask);
  if (a.kind === 'text' && b.kind === 'text') return ofTexts(a.text, b.text, mask);
  if (a.kind === 'rows' && b.kind === 'rows' && a.columns.join('\n') === b.columns.join('\n')) {
    if (a.ordered && b.ordered) return ofTrees(recordTree(a), recordTree(b), mask);
    return ofBags(a, b, mask);
  }
  const [one, other] = [toDigest(a), toDigest(b)];
  if (one.sha256 === other.sha256) return [];
  return [ofTooLarge(one, other)];
}

function ofTrees(a: Tree, b: Tree, mask: PathMask): readonly Found[] {
  return compareTrees(a, b, mask).map((difference) => {
    const where = difference.path.length === 0 ? '' : describePath(difference.path);
    if (difference.kind === 'length') {
      const { baseline, candidate } = difference;
      return {
        where,
        baseline: `${baseline} items`,
        candidate: `${candidate} items`,
        size: lengthSize(a, b, difference),
      };
    }
    const [baseline, candidate] = [showTree(difference.baseline), showTree(difference.candidate)];
    return {
      where,
      ...excerpts(baseline, candidate),
      apart: distance(difference.baseline, difference.candidate),
      size: changedCharacters(baseline, candidate),
    };
  });
}

/** As much as the lists differ in their text, so that a list that lost a record comes after a record that changed. */
function lengthSize(a: Tree, b: Tree, { path }: TreeDifference): number {
  const at = (tree: Tree): string => {
    let found: Tree | undefined = tree;
    for (const step of path)
      found =
        typeof found === 'object' && found !== null
          ? (Reflect.get(found, step) as Tree | undefined)
          : undefined;
    return found === undefined ? '' : canonicalText(found);
  };
  return changedCharacters(at(a), at(b));
}

function ofTexts(a: string, b: string, mask: PathMask): readonly Found[] {
  const [lines, others] = [a.split(/\r?\n/), b.split(/\r?\n/)];
  const differences = compareTrees(textTree(a), textTree(b), mask);
  if (differences.some(({ path }) => path.length === 0)) {
    const first = lines.findIndex((line, index) => line !== others[index]);
    const at = first < 0 ? lines.length : first;
    const size = changedCharacters(a, b);
    const { baseline, candidate } = excerpts(lines[at] ?? '', others[at] ?? '');
    const counted = `of ${lines.length} and ${others.length} lines the first that differs, line ${at + 1}`;
    return [{ where: `(${counted})`, baseline: quote(baseline), candidate: quote(candidate), size }];
  }
  const changed = new Set(differences.map(({ path: [line] }) => line as number));
  return [...changed].map((at) => {
    const [line, other] = [lines[at] ?? '', others[at] ?? ''];
    const { baseline, candidate } = excerpts(line, other);
    return {
      where: lines.length === 1 ? '' : `line ${at + 1}`,
      baseline: quote(baseline),
      candidate: quote(candidate),
      size: changedCharacters(line, other),
    };
  });
}

function ofBags(
  a: Extract<Value, { readonly kind: 'rows' }>,
  b: Extract<Value, { readonly kind: 'rows' }>,
  mask: PathMask,
): readonly Found[] {
  const without = new Set(a.columns.filter((column) => mask.below(column).isMasked));
  const { missing, added } = compareBags(rowTexts(a, without), rowTexts(b, without));
  const [gone] = missing;
  const [come] = added;
  if (gone === undefined && come === undefined) return [];
  const counted = `(${a.rows.length} rows, ${missing.length} of them gone; ${b.rows.length} rows, ${added.length} of them new)`;
  return [
    {
      where: counted,
      ...excerpts(gone ?? 'nothing', come ?? 'nothing'),
      size: [...missing, ...added].reduce((sum, row) => sum + row.length, 0),
    },
  ];
}

type Digest = Extract<Value, { readonly kind: 'digest' }>;

function ofTooLarge(a: Digest, b: Digest): Found {
  const isSeen = a.start !== b.start;
  const { baseline, candidate } = isSeen
    ? excerpts(a.start, b.start)
    : {
        baseline: `${a.bytes} bytes, sha256 ${a.sha256.slice(0, 12)}`,
        candidate: `${b.bytes} bytes, sha256 ${b.sha256.slice(0, 12)}`,
      };
  return {
    where: isSeen ? '' : '(beyond its beginning)',
    baseline,
    candidate,
    size: Math.max(1, Math.abs(a.bytes - b.bytes)),
  };
}

/** Null for what is no two numbers; numbers that are text, as databases give them, are numbers too. */
function distance(a: Tree | undefined, b: Tree | undefined): number | null {
  const [one, other] = [toNumber(a), toNumber(b)];
  if (one === null || other === null) return null;
  const larger = Math.max(Math.abs(one), Math.abs(other));
  return larger === 0 ? 0 : Math.abs(one - other) / larger;
}

function toNumber(tree: Tree | undefined): number | null {
  if (typeof tree === 'number') return tree;
  return typeof tree === 'string' && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(tree) ? Number(tree) : null;
}

function changedCharacters(a: string, b: string): number {
  const { start, end } = commonEnds(a, b);
  return Math.max(a.length, b.length) - start - end;
}

function commonEnds(a: string, b: string): { readonly start: number; readonly end: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  return { start, end };
}

/** Of long texts the part around the first character that differs. */
function excerpts(a: string, b: string): { readonly baseline: string; readonly candidate: string } {
  const { start } = commonEnds(a, b);
  const from = start < SHOWN / 2 ? 0 : start - SHOWN / 4;
  const cut = (text: string): string => {
    const part = text.slice(from, from + SHOWN);
    return `${from > 0 ? '…' : ''}${part}${from + SHOWN < text.length ? '…' : ''}`;
  };
  return { baseline: cut(a), candidate: cut(b) };
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function showTree(tree: Tree | undefined): string {
  return tree === undefined ? 'absent' : canonicalText(tree);
}

function showValue(value: Value | undefined): string {
  if (value === undefined) return 'absent';
  switch (value.kind) {
    case 'tree':
      return excerpts(showTree(value.tree), '').baseline;
    case 'text':
      return quote(excerpts(value.text, '').baseline);
    case 'rows':
      return `${value.rows.length} rows`;
    case 'digest':
      return `${value.bytes} bytes`;
  }
}

function sizeOf(value: Value | undefined): number {
  return value === undefined ? 0 : value.kind === 'digest' ? value.bytes : showValue(value).length;
}
