import { describe, expect, it } from 'vitest';
import { compareBehaviour } from '../../../src/core/behaviour/compare-behaviour.ts';
import { createBounder } from '../../../src/core/behaviour/bound-value.ts';
import { describeDifference, describeMasked } from '../../../src/core/behaviour/describe.ts';
import { learnMask } from '../../../src/core/behaviour/learn-mask.ts';
import type { Behaviour, Tree, Value } from '../../../src/core/behaviour/model.ts';

const behaviourOf = (...values: readonly Readonly<Record<string, Value>>[]): Behaviour => ({
  observations: values.map((facets, index) => ({
    id: String(index),
    group: 'page',
    name: `GET /posts?page=${index + 1}`,
    facets,
    main: ['body'],
  })),
  extent: values.length,
});
const tree = (value: Tree): Value => ({ kind: 'tree', tree: value });
const text = (value: string): Value => ({ kind: 'text', text: value });
const bodies = (...trees: readonly Tree[]): Behaviour =>
  behaviourOf(...trees.map((value) => ({ status: tree(200), body: tree(value) })));
const texts = (value: string): Behaviour => behaviourOf({ body: text(value) });
const rows = (values: readonly (readonly Tree[])[], ordered: boolean): Behaviour =>
  behaviourOf({ body: { kind: 'rows', columns: ['id', 'price'], rows: values, ordered } });

/** What is said of the candidate, after two runs of the baseline. */
function said(baselines: readonly Behaviour[], candidate: Behaviour): readonly string[] {
  const [first] = baselines;
  if (first === undefined) throw new Error('no baseline');
  return compareBehaviour(first, candidate, learnMask(baselines)).differences.map(describeDifference);
}
const masked = (...baselines: readonly Behaviour[]): readonly string[] =>
  learnMask(baselines).places.map(describeMasked);
const twice = (behaviour: Behaviour): readonly Behaviour[] => [behaviour, behaviour];

describe('trees', () => {
  it('are equal whatever the order of their members', () => {
    expect(said(twice(bodies({ a: 1, b: [1, 2] })), bodies({ b: [1, 2], a: 1 }))).toEqual([]);
  });

  it('differ with place and values, numbers with how far apart they are, the smallest difference first', () => {
    const before = bodies({ total: 2, items: [{ price: 12.5, name: 'red chair' }] });
    const after = bodies({ total: 2, items: [{ price: 12.4, name: 'blue table' }] });
    expect(said(twice(before), after)).toEqual([
      'GET /posts?page=1: body $.items[0].price 12.5 -> 12.4 (apart by 0.8 % of the larger)',
      'GET /posts?page=1: body $.items[0].name "red chair" -> "blue table"',
    ]);
  });

  it('differ in the last digit of a float, and say so', () => {
    expect(said(twice(bodies(0.30000000000000004)), bodies(0.3))).toEqual([
      'GET /posts?page=1: body 0.30000000000000004 -> 0.3 (apart by 1.9e-16 of the larger)',
    ]);
  });

  it.each([
    [{ a: 1 }, { a: 1, b: null }, 'body $.b absent -> null'],
    [{ a: 1, b: null }, { a: 1 }, 'body $.b null -> absent'],
    [[1, 2, 3], [1, 2], 'body 3 items -> 2 items'],
    [{ a: [] }, { a: {} }, 'body $.a [] -> {}'],
    [{ a: 1 }, { a: '1' }, 'body $.a 1 -> "1" (apart by 0.0e+0 of the larger)'],
    [{ 'odd name': true }, { 'odd name': false }, 'body $["odd name"] true -> false'],
    [{ a: 1 }, { a: 1, constructor: 2 }, 'body $.constructor absent -> 2'],
  ] as const)('%j and %j differ', (a, b, what) => {
    expect(said(twice(bodies(a)), bodies(b))).toEqual([`GET /posts?page=1: ${what}`]);
  });

  it('show the part of a long string in which it differs', () => {
    const long = 'x'.repeat(5000);
    const [difference] = said(twice(bodies(`${long}a${long}`)), bodies(`${long}b${long}`));
    expect(difference?.length).toBeLessThan(300);
    expect(difference).toMatch(/…x+ax+… -> …x+bx+…/);
  });
});

describe('texts', () => {
  it('differ by line', () => {
    expect(said(twice(texts('one\ntwo\nthree')), texts('one\n2\nthree'))).toEqual([
      'GET /posts?page=1: body line 2 "two" -> "2"',
    ]);
  });

  it('of another number of lines tell the first that differs', () => {
    expect(said(twice(texts('one\ntwo\nthree')), texts('one\nthree'))).toEqual([
      'GET /posts?page=1: body (of 3 and 2 lines the first that differs, line 2) "two" -> "three"',
    ]);
  });

  it('mask the words that vary, and nothing else of their line', () => {
    const baselines = [texts('built 12 pages in 31 ms\ndone'), texts('built 12 pages in 7 ms\ndone')];
    expect(masked(...baselines)).toEqual(['page: body line 1']);
    expect(said(baselines, texts('built 12 pages in 1024 ms\ndone'))).toEqual([]);
    expect(said(baselines, texts('built 11 pages in 31 ms\ndone'))).toHaveLength(1);
    expect(said(baselines, texts('built 12 pages in 31 ms\nDone'))).toHaveLength(1);
  });
});

describe('rows', () => {
  it('of an unordered statement are a bag', () => {
    const before = rows([[1, '1.5'], [2, '2.5'], [2, '2.5']], false); // prettier-ignore
    expect(said(twice(before), rows([[2, '2.5'], [1, '1.5'], [2, '2.5']], false))).toEqual([]); // prettier-ignore
    expect(
      said(
        twice(before),
        rows(
          [
            [2, '2.5'],
            [1, '1.5'],
            [1, '1.5'],
          ],
          false,
        ),
      ),
    ).toEqual([
      // prettier-ignore
      'GET /posts?page=1: body (3 rows, 1 of them gone; 3 rows, 1 of them new) [2,"2.5"] -> [1,"1.5"]',
    ]);
  });

  it('of an ordered one are a list', () => {
    const before = rows([[1, '1.5'], [2, '2.5']], true); // prettier-ignore
    expect(said(twice(before), rows([[2, '2.5'], [1, '1.5']], true))).toHaveLength(4); // prettier-ignore
    expect(
      said(
        twice(before),
        rows(
          [
            [1, '1.5'],
            [2, '2.4'],
          ],
          true,
        ),
      ),
    ).toEqual([
      // prettier-ignore
      'GET /posts?page=1: body $[1].price "2.5" -> "2.4" (apart by 4 % of the larger)',
    ]);
  });

  it.each([true, false])('mask the column that varies (ordered: %s)', (ordered) => {
    const baselines = [rows([[1, 'a'], [2, 'b']], ordered), rows([[1, 'c'], [2, 'd']], ordered)]; // prettier-ignore
    expect(said(baselines, rows([[1, 'e'], [2, 'f']], ordered))).toEqual([]); // prettier-ignore
    expect(said(baselines, rows([[1, 'a'], [3, 'b']], ordered))).not.toEqual([]); // prettier-ignore
  });
});

describe('the mask', () => {
  it('takes in a field of records that is equal by chance in some of them, and of other inputs of the group', () => {
    const page = (...ms: readonly number[]): Tree => ({ items: ms.map((took) => ({ took, name: 'x' })) });
    const baselines = [bodies(page(1, 2, 3), page(7)), bodies(page(4, 5, 3), page(7))];
    expect(masked(...baselines)).toEqual(['page: body $.items[*].took']);
    expect(said(baselines, bodies(page(9, 9, 9), page(9)))).toEqual([]);
  });

  it('takes in no other place of a list of plain values', () => {
    const baselines = [bodies([1, 2, 3]), bodies([1, 5, 3])];
    expect(masked(...baselines)).toEqual(['page: body $[1]']);
    expect(said(baselines, bodies([1, 9, 4]))).toEqual([
      'GET /posts?page=1: body $[2] 3 -> 4 (apart by 25 % of the larger)',
    ]);
  });

  it('takes in an object whose member names vary, and a list whose length varies', () => {
    const baselines = [bodies({ byId: { x1: 1 }, log: [1] }), bodies({ byId: { x2: 1 }, log: [1, 2] })];
    expect(masked(...baselines)).toEqual(['page: body $.byId', 'page: body $.log']);
    expect(said(baselines, bodies({ byId: { x3: 1 }, log: [] }))).toEqual([]);
  });

  it('grows with a third run', () => {
    const minute = (text: string): Behaviour => bodies({ minute: text, total: 3 });
    const before = [minute('10:01'), minute('10:01')];
    expect(said(before, minute('10:02'))).toHaveLength(1);
    expect(said([...before, minute('10:02')], minute('10:02'))).toEqual([]);
  });

  it('leaves nothing to compare when all that was asked for varies, but a status still differs', () => {
    const baselines = [bodies('a', 'b'), bodies('c', 'd')];
    const mask = learnMask(baselines);
    expect(compareBehaviour(bodies('a', 'b'), bodies('e', 'f'), mask)).toMatchObject({
      blind: true,
      differences: [],
    });
    const failing = behaviourOf(
      { status: tree(500), body: tree('x') },
      { status: tree(200), body: tree('y') },
    );
    expect(said(baselines, failing)).toEqual([
      'GET /posts?page=1: status 200 -> 500 (apart by 60 % of the larger)',
    ]);
    expect(compareBehaviour(bodies('a', { b: 1 }), bodies('a', { b: 1 }), mask).blind).toBe(true);
    const [steady, unsteady] = [bodies({ a: 1, b: 1 }), bodies({ a: 1, b: 2 })];
    expect(compareBehaviour(steady, steady, learnMask([steady, unsteady])).blind).toBe(false);
  });
});

describe('inputs', () => {
  it('that only one side answered are differences', () => {
    expect(said(twice(bodies(1, 2)), bodies(1))).toEqual([
      'GET /posts?page=2: status 200 -> absent',
      'GET /posts?page=2: body 2 -> absent',
    ].sort()); // prettier-ignore
    expect(said(twice(bodies(1)), bodies(1, 2))).toHaveLength(2);
  });
});

describe('what is too large', () => {
  const bounded = (value: Tree): Value => createBounder()(tree(value));
  const large = (last: string): Tree => ({
    rows: Array.from({ length: 60_000 }, (_, index) => `row ${index}`),
    last,
  });

  it('is compared by its digest, whatever the order of members', () => {
    const { rows: list, last } = large('a') as { rows: Tree; last: Tree };
    const one = behaviourOf({ body: bounded({ rows: list, last }) });
    expect(one.observations[0]?.facets['body']).toMatchObject({ kind: 'digest' });
    expect(said(twice(one), behaviourOf({ body: bounded({ last, rows: list }) }))).toEqual([]);
  });

  it('shows its beginning, or says that it differs beyond it', () => {
    const before = twice(behaviourOf({ body: bounded(large('a')) }));
    expect(said(before, behaviourOf({ body: bounded(large('b')) }))[0]).toContain('"last":"a"');
    const end = (text: string) =>
      behaviourOf({ body: bounded([...(large('') as { rows: Tree[] }).rows, text]) });
    expect(said(twice(end('a')), end('b'))[0]).toMatch(/\(beyond its beginning\) \d+ bytes, sha256/);
  });

  it('is compared with what was just small enough', () => {
    const before = behaviourOf({ body: bounded(large('a')) });
    expect(said(twice(before), behaviourOf({ body: tree(large('a')) }))).toEqual([]);
    expect(said(twice(before), behaviourOf({ body: tree(large('b')) }))).toHaveLength(1);
  });

  it('keeps small values only when a process did a lot', () => {
    const bound = createBounder();
    const kept = Array.from({ length: 40 }, () => bound(text('x'.repeat(400_000))).kind);
    expect(kept.filter((kind) => kind === 'text').length).toBeLessThan(25);
    expect(bound(text('small')).kind).toBe('text');
  });
});
