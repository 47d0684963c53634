import { recordTree, rowTexts, compareBags, unsteadyColumns } from './bag.ts';
import { toDigest } from './bound-value.ts';
import { compareTrees, type TreeDifference } from './compare-trees.ts';
import type { Behaviour, Observation, Step, Tree, Value } from './model.ts';
import { ANY, createPathMask, describePath, NO_MASK, type MaskPath, type PathMask } from './path-mask.ts';
import { textTree } from './text-tree.ts';

/** What varies by itself in the facets of a group. */
export interface MaskedPlace {
  readonly group: string;
  readonly facet: string;
  readonly kind: Value['kind'];
  /** Empty: the whole facet. A text's path is line and word, that of a bag's column its name. */
  readonly path: MaskPath;
}

export interface Mask {
  readonly places: readonly MaskedPlace[];
  of(group: string, facet: string): PathMask;
}

/**
 * What differs between runs of one and the same code says nothing about another: times, random ids, ports, what an earlier
 * run left in a database. A member of a record in a list is masked in all records as soon as it differs in two of them, since
 * it may be equal by chance; everything else is masked at the very place where it differed.
 */
export function learnMask(runs: readonly Behaviour[]): Mask {
  const [first, ...others] = runs;
  const found = new Map<string, Found>();
  if (first !== undefined) {
    for (const other of others) {
      for (const [observation, facet, path] of unsteadyPlaces(first, other)) {
        const key = JSON.stringify([observation.group, facet]);
        const kind = observation.facets[facet]?.kind ?? 'tree';
        const known = found.get(key) ?? { group: observation.group, facet, kind, paths: [] };
        known.paths.push({ observation: observation.id, path });
        found.set(key, known);
      }
    }
  }
  return createMask([...found.values()].flatMap(generalize));
}

export function createMask(places: readonly MaskedPlace[]): Mask {
  const paths = new Map<string, MaskPath[]>();
  const keyOf = (group: string, facet: string): string => JSON.stringify([group, facet]);
  for (const { group, facet, path } of places) {
    const key = keyOf(group, facet);
    paths.set(key, [...(paths.get(key) ?? []), path]);
  }
  const masks = new Map([...paths].map(([key, masked]) => [key, createPathMask(masked)]));
  return { places, of: (group, facet) => masks.get(keyOf(group, facet)) ?? NO_MASK };
}

interface Found {
  readonly group: string;
  readonly facet: string;
  readonly kind: Value['kind'];
  readonly paths: { readonly observation: string; readonly path: readonly Step[] }[];
}

/** Indices that a member follows are those of records. */
function generalize({ group, facet, kind, paths }: Found): readonly MaskedPlace[] {
  const byField = new Map<string, { readonly field: MaskPath; readonly exact: Map<string, MaskPath> }>();
  const places = new Set<string>();
  for (const { observation, path } of paths) {
    const lastMember = path.findLastIndex((step) => typeof step === 'string');
    const field = path.map((step, at) => (typeof step === 'number' && at < lastMember ? ANY : step));
    const key = describePath(field);
    const known = byField.get(key) ?? { field, exact: new Map<string, MaskPath>() };
    known.exact.set(JSON.stringify([observation, path]), path);
    byField.set(key, known);
  }
  return [...byField.values()]
    .flatMap(({ field, exact }) => (exact.size > 1 && field.includes(ANY) ? [field] : [...exact.values()]))
    .filter((path) => {
      const key = describePath(path);
      if (places.has(key)) return false;
      places.add(key);
      return true;
    })
    .map((path) => ({ group, facet, kind, path }));
}

function* unsteadyPlaces(
  first: Behaviour,
  other: Behaviour,
): Generator<readonly [Observation, string, readonly Step[]]> {
  const others = new Map(other.observations.map((observation) => [observation.id, observation]));
  const known = new Set<string>();
  for (const observation of first.observations) {
    known.add(observation.id);
    const again = others.get(observation.id);
    const names = new Set([...Object.keys(observation.facets), ...Object.keys(again?.facets ?? {})]);
    for (const name of names) {
      for (const path of unsteadyPaths(observation.facets[name], again?.facets[name]))
        yield [observation, name, path];
    }
  }
  for (const observation of other.observations) {
    if (known.has(observation.id)) continue;
    for (const name of Object.keys(observation.facets)) yield [observation, name, []];
  }
}

const WHOLE: readonly (readonly Step[])[] = [[]];

function unsteadyPaths(a: Value | undefined, b: Value | undefined): readonly (readonly Step[])[] {
  if (a === undefined || b === undefined) return WHOLE;
  if (a.kind === 'tree' && b.kind === 'tree') return ofTrees(a.tree, b.tree);
  if (a.kind === 'text' && b.kind === 'text') return ofTrees(textTree(a.text), textTree(b.text));
  if (a.kind === 'rows' && b.kind === 'rows' && a.columns.join('\n') === b.columns.join('\n')) {
    if (a.ordered && b.ordered) return ofTrees(recordTree(a), recordTree(b));
    if (a.rows.length !== b.rows.length) return WHOLE;
    const columns = unsteadyColumns(a, b);
    const without = new Set(columns);
    const { missing } = compareBags(rowTexts(a, without), rowTexts(b, without));
    return missing.length > 0 ? WHOLE : columns.map((column) => [column]);
  }
  return toDigest(a).sha256 === toDigest(b).sha256 ? [] : WHOLE;
}

function ofTrees(a: Tree, b: Tree): readonly (readonly Step[])[] {
  const differences = compareTrees(a, b, NO_MASK);
  const changing = keysThatAreData(differences);
  return differences.map(({ path }) => {
    const parent = path.slice(0, -1);
    return changing.has(JSON.stringify(parent)) ? parent : path;
  });
}

/** Objects in which each of two runs has a member that the other has not: their names are ids or times. */
function keysThatAreData(differences: readonly TreeDifference[]): ReadonlySet<string> {
  const gone = new Set<string>();
  const come = new Set<string>();
  for (const difference of differences) {
    if (difference.kind !== 'value' || difference.path.length === 0) continue;
    const parent = JSON.stringify(difference.path.slice(0, -1));
    if (difference.candidate === undefined) gone.add(parent);
    if (difference.baseline === undefined) come.add(parent);
  }
  return new Set([...gone].filter((parent) => come.has(parent)));
}
