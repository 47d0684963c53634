import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBehaviour } from '../../../src/core/behaviour/compare-behaviour.ts';
import { compareTrees } from '../../../src/core/behaviour/compare-trees.ts';
import { learnMask } from '../../../src/core/behaviour/learn-mask.ts';
import type { Behaviour, Step, Tree } from '../../../src/core/behaviour/model.ts';
import { NO_MASK } from '../../../src/core/behaviour/path-mask.ts';

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), tie('tree'), { maxKeys: 5 }),
  ),
}));

const behaviourOf = (value: Tree): Behaviour => ({
  observations: [
    { id: '1', group: 'g', name: 'n', facets: { body: { kind: 'tree', tree: value } }, main: ['body'] },
  ],
  extent: 1,
});
const differences = (baselines: readonly Tree[], candidate: Tree) =>
  compareBehaviour(
    behaviourOf(baselines[0] ?? null),
    behaviourOf(candidate),
    learnMask(baselines.map(behaviourOf)),
  ).differences;

const isContainer = (value: Tree): value is Extract<Tree, object> =>
  typeof value === 'object' && value !== null;

/** Paths of everything that is no filled container. */
function leaves(value: Tree, path: readonly Step[] = []): readonly (readonly Step[])[] {
  if (!isContainer(value) || Object.keys(value).length === 0) return [path];
  const steps: readonly Step[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return steps.flatMap((step) => leaves(Reflect.get(value, step) as Tree, [...path, step]));
}

/** A copy in which one place holds something that stood nowhere. */
function replaceAt(value: Tree, [step, ...rest]: readonly Step[], mark: string): Tree {
  if (step === undefined || !isContainer(value)) return `replaced: ${mark}`;
  if (Array.isArray(value))
    return (value as readonly Tree[]).map((item, index) =>
      index === step ? replaceAt(item, rest, mark) : item,
    );
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === step ? replaceAt(item, rest, mark) : item]),
  );
}

function shuffleMembers(value: Tree): Tree {
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return (value as readonly Tree[]).map(shuffleMembers);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, shuffleMembers(item)]),
  );
}

/** Without indices: the field of a record, whichever record it is. */
const fieldOf = (path: readonly Step[]): string =>
  JSON.stringify(path.map((step) => (typeof step === 'number' ? '[*]' : `.${step}`)));

const pick = (paths: readonly (readonly Step[])[], at: number): readonly Step[] =>
  paths[at % paths.length] ?? [];

describe('behaviour', () => {
  it('that is equal compares equal, in any order of members, with any mask', () => {
    fc.assert(
      fc.property(tree, fc.nat(), (value, at) => {
        const unsteady = replaceAt(value, pick(leaves(value), at), 'second');
        expect(differences([value, value], shuffleMembers(value))).toEqual([]);
        expect(differences([value, unsteady], shuffleMembers(value))).toEqual([]);
        expect(differences([value, unsteady], unsteady)).toEqual([]);
      }),
    );
  });

  it('with a change planted anywhere that did not vary shows it, and that place only', () => {
    fc.assert(
      fc.property(tree, fc.array(fc.nat(), { maxLength: 4 }), fc.nat(), (value, unsteadyAt, plantAt) => {
        const all = leaves(value);
        const unsteady = unsteadyAt.map((at) => pick(all, at));
        const planted = pick(all, plantAt);
        // A place that varied, or the same field of a record of which two others varied, may be masked.
        fc.pre(!unsteady.some((path) => fieldOf(path) === fieldOf(planted)));
        const second = unsteady.reduce((done, path) => replaceAt(done, path, 'second'), value);
        const third = unsteady.reduce((done, path) => replaceAt(done, path, 'third'), value);
        const found = differences([value, second], replaceAt(third, planted, 'planted'));
        expect(found).toHaveLength(1);
        expect(found[0]?.candidate).toContain('planted');
      }),
      { numRuns: 500 },
    );
  });

  it('finds as many differences as there are leaves that were changed', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), (value, one, other) => {
        const all = leaves(value);
        const changed = new Set([pick(all, one), pick(all, other)]);
        const candidate = [...changed].reduce((done, path) => replaceAt(done, path, 'changed'), value);
        expect(compareTrees(value, candidate, NO_MASK).map(({ path }) => path)).toEqual(
          all.filter((path) => changed.has(path)),
        );
      }),
    );
  });
});
