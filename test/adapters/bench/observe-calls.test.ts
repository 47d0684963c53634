import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFunctionBench } from '../../../src/adapters/bench/function-bench.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { compareBehaviour } from '../../../src/core/behaviour/compare-behaviour.ts';
import { describeDifference } from '../../../src/core/behaviour/describe.ts';
import { learnMask } from '../../../src/core/behaviour/learn-mask.ts';
import type { Behaviour } from '../../../src/core/behaviour/model.ts';
import type { FunctionBench, FunctionObservePlan } from '../../../src/core/ports/bench.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
const { signal } = new AbortController();
let children: BundledChildren;
let bench: FunctionBench;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/bench', ['child-function']);
  cpSync(join(import.meta.dirname, '..', '..', 'fixtures', 'functions'), directory.path, { recursive: true });
  bench = createFunctionBench({
    processes,
    harnessFile: children.file('child-function'),
    tsxLoader: () => import.meta.resolve('tsx'),
  });
});
afterAll(async () => {
  await processes.killAll();
  await children.remove();
});

function observe(name: string, change: Partial<FunctionObservePlan> = {}): Promise<Behaviour> {
  return bench.observe(
    {
      workload: 'behave',
      directory: directory.path,
      module: 'behaving.mjs',
      export: name,
      args: { module: 'behaving-inputs.mjs' },
      sizes: [],
      env: { PATH: process.env['PATH'] ?? '' },
      nodeArgs: [],
      warmupMs: 0,
      timeoutMs: 30_000,
      runId: 'run_observe0',
      scope: { limitMs: 10_000, places: [[directory.path, '<checkout>']] },
      ...change,
    },
    signal,
  );
}

/** As if the function had been changed: what is called and where it is differ in name only. */
async function said(before: string, after: string): Promise<readonly string[]> {
  const baselines = [await observe(before), await observe(before)];
  const { observations, extent } = await observe(after);
  const renamed = JSON.parse(
    JSON.stringify(observations).replaceAll(`"${after}`, `"${before}`),
  ) as Behaviour['observations'];
  const [first] = baselines as [Behaviour, ...Behaviour[]];
  return compareBehaviour(first, { observations: renamed, extent }, learnMask(baselines)).differences.map(
    describeDifference,
  );
}

describe('observed calls', () => {
  it('are one for each input of each size, the first of the last size once more', async () => {
    const { observations, extent } = await observe('sum', { sizes: [1, 7] });
    expect(observations.map(({ name }) => name)).toEqual([
      'sum at size 1, input 0',
      ...Array.from({ length: 7 }, (_, index) => `sum at size 7, input ${index}`),
      ...Array.from({ length: 5 }, (_, index) => `sum at size 7, input ${index} again`),
    ]);
    expect(extent).toBe(13);
    expect(new Set(observations.map(({ id }) => id)).size).toBe(13);
    expect(observations[0]?.facets).toEqual({
      result: { kind: 'tree', tree: 3 },
      'arguments afterwards': { kind: 'tree', tree: 'unchanged' },
    });
  });

  it('end when the time is over, and are as many as were asked for', async () => {
    expect((await observe('sum', { scope: { limitMs: 0, places: [] } })).extent).toBe(1);
    expect((await observe('sum', { scope: { limitMs: 0, extent: 2, places: [] } })).extent).toBe(2);
  });

  it('tell what was thrown, without the place where it happened', async () => {
    const { observations } = await observe('throws');
    expect(observations[0]?.facets['thrown']).toEqual({
      kind: 'tree',
      tree: {
        $: 'RangeError',
        name: 'RangeError',
        message: 'no 2 in <checkout>',
        members: { code: 'E_NONE' },
      },
    });
    expect(observations[0]?.facets['result']).toBeUndefined();
  });

  it('tell of arguments that were changed', async () => {
    expect(await said('lowest', 'sorts')).toContain(
      'lowest, input 0: arguments afterwards "unchanged" -> [[0,1,2]]',
    );
  });

  it('see a state that earlier calls left', async () => {
    const found = await said('forgets', 'counts');
    expect(found.length).toBeGreaterThan(0);
    const { observations } = await observe('forgets');
    expect(observations.map(({ facets }) => facets['result'])).toEqual(
      [3, 3, 3, 3, 3, 3].map((tree) => ({ kind: 'tree', tree })),
    );
  });

  it('are equal when only the text differs, and differ by class and value', async () => {
    expect(await said('sum', 'sum')).toEqual([]);
    expect(await said('money', 'plainMoney')).toContain('money, input 0: result $.$ "Money" -> absent');
    expect((await said('sum', 'constant'))[0]).toBe(
      'sum, input 0: result 3 -> 1 (apart by 67 % of the larger)',
    );
  });

  it('are blind where every result is random', async () => {
    const [first, second, third] = [
      await observe('random'),
      await observe('random'),
      await observe('random'),
    ];
    expect(compareBehaviour(first, third, learnMask([first, second]))).toMatchObject({
      blind: true,
      differences: [],
    });
  });

  it('take what a generator gives', async () => {
    const { observations } = await observe('yields');
    expect(observations[0]?.facets['result']).toEqual({ kind: 'tree', tree: [2, 1, 0] });
  });

  it('write every kind of value', async () => {
    const { observations } = await observe('every', { scope: { limitMs: 0, places: [] } });
    expect(observations[0]?.facets['result']).toEqual({
      kind: 'tree',
      tree: {
        cycle: {
          name: 'ring',
          list: [1, { $: 'hole' }, { $: 'undefined' }],
          self: { $: 'cycle', levels_up: 1 },
        },
        map: { $: 'Map', entries: [['a', { $: 'Set', values: [1, 2] }], ['b', 2]] }, // prettier-ignore
        date: { $: 'Date', value: '1970-01-01T00:00:00.000Z' },
        pattern: { $: 'RegExp', value: '/x/g' },
        big: { $: 'BigInt', value: '10' },
        numbers: [{ $: 'NaN' }, { $: '-0' }, { $: 'Infinity' }],
        bytes: { $: 'Buffer', items: [97, 98] },
        typed: { $: 'Float64Array', items: [1.5] },
        error: { $: 'TypeError', name: 'TypeError', message: 'not that' },
        money: { $: 'Money', members: { cents: 1 } },
        nothing: { $: 'undefined' },
        $$: 'tag',
      },
    });
  });

  it('need a module that loads', async () => {
    await expect(observe('walk', { module: 'broken-import.mjs' })).rejects.toMatchObject({
      code: 'function_failed',
    });
  });
});
