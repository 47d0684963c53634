import { describe, expect, it } from 'vitest';
import { agrees, confirmJudgement, needsConfirmation } from '../../../src/core/experiment/confirmation.ts';
import type { Comparison } from '../../../src/core/model/experiment.ts';
import { anExperiment } from '../../support/records.ts';

const [sample] = anExperiment().comparisons;
function fresh(change: Partial<Comparison>): Comparison {
  if (!sample) throw new Error('the record has no comparison');
  return { ...sample, n: 8, ...change };
}
const first = { verdict: 'improved', reason: 'latency p95 improved' } as const;

describe('a gain among several tries', () => {
  it('is confirmed only when another candidate was tried before, and only when it is a gain', () => {
    expect(needsConfirmation('improved', 0)).toBe(false);
    expect(needsConfirmation('improved', 1)).toBe(true);
    for (const verdict of ['regressed', 'equivalent', 'inconclusive', 'invalid'] as const)
      expect(needsConfirmation(verdict, 5)).toBe(false);
  });

  it('stays when the fresh run shows it, or shows a smaller one of the same sign', () => {
    expect(agrees(fresh({ verdict: 'improved' }))).toBe(true);
    const small = { verdict: 'equivalent', real_but_small: true } as const;
    expect(agrees(fresh({ ...small, change: -0.02 }))).toBe(true);
    expect(agrees(fresh({ ...small, change: 0.02 }))).toBe(false);
    expect(agrees(fresh({ ...small, metric: 'throughput_rps', change: 0.02 }))).toBe(true);
    expect(confirmJudgement(first, fresh({ verdict: 'improved' }), 3)).toEqual(first);
  });

  it.each([
    ['inconclusive', 'is undecided'],
    ['regressed', 'says the opposite'],
    ['equivalent', 'shows no gain'],
  ] as const)(
    'is inconclusive when the fresh run is %s, with both and the number of tries',
    (verdict, says) => {
      expect(confirmJudgement(first, fresh({ verdict }), 3)).toEqual({
        verdict: 'inconclusive',
        reason: `latency p95 improved, but a fresh run of 8 blocks ${says}: this was attempt 3 against one baseline, and one of many is lucky`,
      });
      expect(confirmJudgement(first, undefined, 3).verdict).toBe('inconclusive');
    },
  );
});
