import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeGoals, type GoalsPatch } from '../../../src/core/goals/merge.ts';
import { goalsSchema, NO_GOALS, type Goals } from '../../../src/core/model/goals.ts';
import { METRIC_NAMES } from '../../../src/core/model/metrics.ts';
import { GOALS, WORKLOAD } from '../../support/fake-ports.ts';

const CURRENT: Goals = {
  ...GOALS,
  objectives: [
    { workload: 'list-posts', metric: 'latency_p95_ms', max: 250, primary: true, draft: true },
    { workload: 'list-posts', metric: 'throughput_rps', min: 300 },
  ],
  constraints: [
    {
      name: 'memory',
      kind: 'hardware',
      workload: 'list-posts',
      metric: 'rss_peak_bytes',
      max: 5e8,
      draft: true,
    },
    { name: 'no-cache', kind: 'architecture', forbids: ['cache'] },
  ],
};

const failure = (patch: GoalsPatch, current: Goals = CURRENT): unknown => {
  try {
    return mergeGoals(current, patch);
  } catch (error) {
    return error;
  }
};

describe('mergeGoals', () => {
  it('adds whole records and changes only the named fields of others', () => {
    const merged = mergeGoals(CURRENT, {
      workloads: [
        { name: 'list-posts', description: 'the front page' },
        { ...WORKLOAD, name: 'search' },
      ],
      objectives: [{ workload: 'search', metric: 'latency_p95_ms', max: 80 }],
    });
    expect(merged.workloads).toEqual([
      { ...WORKLOAD, description: 'the front page' },
      { ...WORKLOAD, name: 'search' },
    ]);
    expect(merged.objectives.map(({ workload, metric }) => `${workload}.${metric}`)).toEqual([
      'list-posts.latency_p95_ms',
      'list-posts.throughput_rps',
      'search.latency_p95_ms',
    ]);
  });

  it('confirms a draft by stating it, unless the call says that it still is one', () => {
    const confirmed = mergeGoals(CURRENT, {
      objectives: [{ workload: 'list-posts', metric: 'latency_p95_ms' }],
    });
    expect(confirmed.objectives[0]).toEqual({
      workload: 'list-posts',
      metric: 'latency_p95_ms',
      max: 250,
      primary: true,
    });
    expect(confirmed.constraints[0]?.draft).toBe(true);
    const still = mergeGoals(CURRENT, { constraints: [{ name: 'memory', draft: true }] });
    expect(still.constraints[0]?.draft).toBe(true);
  });

  it('lets a new bound take the place of the other one', () => {
    const merged = mergeGoals(CURRENT, {
      objectives: [{ workload: 'list-posts', metric: 'throughput_rps', max: 900 }],
      constraints: [{ name: 'memory', min: 1000 }],
    });
    expect(merged.objectives[1]).toEqual({ workload: 'list-posts', metric: 'throughput_rps', max: 900 });
    expect(merged.constraints[0]).toMatchObject({ min: 1000 });
    expect(merged.constraints[0]).not.toHaveProperty('max');
    expect(
      failure({ objectives: [{ workload: 'list-posts', metric: 'throughput_rps', max: 9, min: 1 }] }),
    ).toMatchObject({ message: expect.stringContaining('exactly one of "max" and "min"') as string });
  });

  it('has one primary objective a workload: the one that was said last', () => {
    const merged = mergeGoals(CURRENT, {
      objectives: [{ workload: 'list-posts', metric: 'throughput_rps', primary: true }],
    });
    expect(merged.objectives.map(({ primary }) => primary === true)).toEqual([false, true]);
    const elsewhere = mergeGoals(CURRENT, {
      workloads: [{ ...WORKLOAD, name: 'search' }],
      objectives: [{ workload: 'search', metric: 'error_rate', max: 0, primary: true }],
    });
    expect(elsewhere.objectives.map(({ primary }) => primary === true)).toEqual([true, false, true]);
  });

  it('removes by name: a workload with all that is about it alone', () => {
    const without = mergeGoals(CURRENT, { remove: ['list-posts.throughput_rps', 'no-cache'] });
    expect(without.objectives.map(({ metric }) => metric)).toEqual(['latency_p95_ms']);
    expect(without.constraints.map(({ name }) => name)).toEqual(['memory']);
    const empty = mergeGoals(CURRENT, { remove: ['list-posts'] });
    expect(empty).toMatchObject({ workloads: [], objectives: [] });
    expect(empty.constraints.map(({ name }) => name)).toEqual(['no-cache']);
  });

  it('does not take a mistyped name for removed', () => {
    expect(failure({ remove: ['list-post'] })).toMatchObject({
      code: 'invalid_arguments',
      message: 'There is nothing named "list-post" to remove.',
      fix: expect.stringContaining('list-posts.throughput_rps') as string,
    });
  });

  it('keeps the test command while only its limit changes', () => {
    const merged = mergeGoals(CURRENT, { correctness: { timeout_s: 60 } });
    expect(merged.correctness).toEqual({ test: ['npm', 'test'], timeout_s: 60 });
  });

  it('names the wrong field', () => {
    expect(
      failure({ workloads: [{ name: 'x', kind: 'http', start: { cmd: 'node' }, requests: [] }] }),
    ).toMatchObject({
      code: 'invalid_arguments',
      message: expect.stringMatching(
        /workloads\[1\]\.start\.command: .*; workloads\[1\]\.start\.cmd: unknown name; allowed/,
      ) as string,
      next: [{ tool: 'define_goals' }],
    });
    expect(failure({ objectives: [{ workload: 'gone', metric: 'error_rate', max: 0 }] })).toMatchObject({
      code: 'unknown_workload',
      message: 'There is no workload "gone"; an objective or constraint names it.',
      fix: 'Use one of: list-posts.',
    });
  });

  it('says the same again without changing anything, and changes nothing that it was given', () => {
    const objective = fc
      .tuple(fc.constantFrom(...METRIC_NAMES), fc.double({ min: 0, max: 1e6, noNaN: true }), fc.boolean())
      .map(([metric, limit, isMax]) => ({
        workload: 'list-posts',
        metric,
        ...(isMax ? { max: limit } : { min: limit }),
      }));
    fc.assert(
      fc.property(fc.uniqueArray(objective, { selector: ({ metric }) => metric }), (objectives) => {
        const before = JSON.stringify(CURRENT);
        const patch = { workloads: [WORKLOAD], objectives };
        const once = mergeGoals(CURRENT, patch);
        expect(mergeGoals(once, patch)).toEqual(once);
        expect(goalsSchema.parse(once)).toEqual(once);
        for (const one of objectives)
          expect(once.objectives.find(({ metric }) => metric === one.metric)).toMatchObject(one);
        expect(JSON.stringify(CURRENT)).toBe(before);
      }),
      { numRuns: 50 },
    );
    expect(mergeGoals(NO_GOALS, CURRENT)).toMatchObject({ workloads: CURRENT.workloads });
  });

  it('takes "attach" in place of "start", and the other way round', () => {
    const attach = { url: 'http://127.0.0.1:8080' };
    const attached = mergeGoals(CURRENT, { workloads: [{ name: 'list-posts', attach }] });
    expect(attached.workloads[0]).toMatchObject({ attach, requests: WORKLOAD.requests });
    expect(attached.workloads[0]).not.toHaveProperty('start');
    const started = mergeGoals(attached, { workloads: [{ name: 'list-posts', start: WORKLOAD.start }] });
    expect(started.workloads[0]).toMatchObject({ start: WORKLOAD.start });
    expect(started.workloads[0]).not.toHaveProperty('attach');
  });
});
