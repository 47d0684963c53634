import { describe, expect, it } from 'vitest';
import {
  alphaOfWorkload,
  chooseHeadline,
  chooseLead,
} from '../../../src/core/experiment/several-workloads.ts';
import type { Verdict } from '../../../src/core/model/experiment.ts';
import { NO_GOALS, type Goals } from '../../../src/core/model/goals.ts';

const MARKED: Goals = {
  ...NO_GOALS,
  objectives: [{ workload: 'b', metric: 'latency_p95_ms', max: 1, primary: true }],
};

describe('several workloads', () => {
  it('are led by the blamed one, else the marked one, else the first', () => {
    expect(chooseLead(['a', 'b', 'c'], MARKED, { workload: 'c' })).toBe('c');
    expect(chooseLead(['a', 'b', 'c'], MARKED, { workload: 'elsewhere' })).toBe('b');
    expect(chooseLead(['a', 'b', 'c'], NO_GOALS, null)).toBe('a');
    expect(chooseLead(['a', 'c'], MARKED, null)).toBe('a');
  });

  it('but the lead share one more 5 %, however many they are', () => {
    expect(alphaOfWorkload(true, 9)).toBe(0.04);
    for (const count of [2, 3, 5, 9, 40])
      expect(alphaOfWorkload(false, count) * (count - 1)).toBeLessThanOrEqual(0.05 + 1e-12);
    expect(alphaOfWorkload(false, 2)).toBe(0.04);
    expect(alphaOfWorkload(false, 1000)).toBe(0);
  });

  it.each<[readonly Verdict[], number]>([
    [['improved', 'equivalent', 'regressed'], 2],
    [['improved', 'invalid', 'regressed'], 1],
    [['improved', 'inconclusive', 'equivalent'], 0],
    [['equivalent', 'improved'], 0],
  ])('%j: number %i speaks for all', (verdicts, index) => {
    const experiments = verdicts.map((verdict) => ({ verdict }));
    expect(chooseHeadline(experiments)).toBe(experiments[index]);
  });
});
