import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareWithPrediction,
  cpuOfSides,
  judgeMechanism,
  type BlamedSide,
} from '../../../src/core/experiment/mechanism.ts';
import { aBottleneck, anExperiment } from '../../support/records.ts';

const aSide = (change: Partial<BlamedSide> = {}): BlamedSide => ({
  share: 0.41,
  shareWithCallees: 0.45,
  n: 3000,
  cpuUs: 1000,
  ...change,
});
/** The blamed work gone, and nothing else changed: 41 % of 1000 µs less 97 % of it. */
const GONE = aSide({ share: 0.02, shareWithCallees: 0.03, cpuUs: 602 });

const judge = (baseline: BlamedSide, candidate: BlamedSide, cpuSpread: readonly [number, number] = [1, 1]) =>
  judgeMechanism({ baseline, candidate, cpuSpread });

describe('judgeMechanism', () => {
  it('confirms a cost that went, with shares, their intervals and what it takes of an operation', () => {
    const judged = judge(aSide(), GONE);
    expect(judged).toMatchObject({
      status: 'confirmed',
      of: 'busy CPU samples of the target',
      baseline: { value: 0.41, n: 3000, cpu_us_per_operation: 410 },
      candidate: { value: 0.02, n: 3000 },
    });
    expect(judged.candidate?.cpu_us_per_operation).toBeCloseTo(12.04);
    expect(judged.baseline?.interval[0]).toBeCloseTo(0.393, 2);
    expect(judged.baseline?.interval[1]).toBeCloseTo(0.428, 2);
    expect(judged.ratio).toBeCloseTo(0.0294, 3);
  });

  it('sees through a share that rose because all the rest became cheaper', () => {
    const judged = judge(aSide(), aSide({ share: 0.6, shareWithCallees: 0.6, cpuUs: 300 }));
    expect(judged.ratio).toBeCloseTo(180 / 410);
    // It shrank by 230 µs of the 700 µs saved: the gain came from elsewhere.
    expect(judged).toMatchObject({
      status: 'partly',
      reason: expect.stringContaining('explains less') as string,
    });
  });

  it('sees through a share that fell because all the rest became dearer', () => {
    const judged = judge(aSide(), aSide({ share: 0.2, shareWithCallees: 0.2, cpuUs: 2100 }));
    expect(judged).toMatchObject({ status: 'not_confirmed', reason: 'the blamed cost did not shrink' });
  });

  it('does not confirm a cost that stayed, whatever was gained', () => {
    const judged = judge(aSide(), aSide({ share: 0.58, shareWithCallees: 0.6, cpuUs: 700 }));
    expect(judged).toMatchObject({
      status: 'not_confirmed',
      reason: 'the blamed cost did not shrink measurably',
    });
  });

  it.each([
    ['less than a fifth', aSide({ share: 0.35, shareWithCallees: 0.38, cpuUs: 950 })],
    ['with what it calls', aSide({ share: 0.05, shareWithCallees: 0.45, cpuUs: 950 })],
    ['came back elsewhere', aSide({ share: 0.05, shareWithCallees: 0.05, cpuUs: 990 })],
  ])('confirms in part: %s', (reason, candidate) => {
    expect(judge(aSide(), candidate)).toMatchObject({
      status: 'partly',
      reason: expect.stringContaining(reason) as string,
    });
  });

  it('does not take the difference of two processes for a saving', () => {
    // As it was measured on code that another fix had left alone: 82 % of 493 µs and 96 % of 400, of 2200 samples each.
    const judged = judge(
      aSide({ share: 0.82, shareWithCallees: 0.82, n: 2200, cpuUs: 493 }),
      aSide({ share: 0.96, shareWithCallees: 0.96, n: 2200, cpuUs: 400 }),
    );
    expect(judged.ratio_interval?.[1]).toBeLessThan(1);
    expect(judged.status).toBe('not_confirmed');
  });

  it('does not take noise of the CPU time for a saving', () => {
    const smaller = aSide({ share: 0.475, shareWithCallees: 0.55, cpuUs: 700 });
    expect(judge(aSide(), smaller, [0.98, 1.02]).status).toBe('partly');
    expect(judge(aSide(), smaller, [0.7, 1.4])).toMatchObject({
      status: 'not_confirmed',
      reason: 'the blamed cost did not shrink measurably',
    });
  });

  it('goes by the odds of the share where CPU times are not known', () => {
    const [before, after] = [aSide({ cpuUs: null }), aSide({ ...GONE, cpuUs: null })];
    const judged = judge(before, after);
    expect(judged.status).toBe('confirmed');
    expect(judged.ratio).toBeCloseTo(0.02 / 0.98 / (0.41 / 0.59));
    expect(judged.baseline?.cpu_us_per_operation).toBeNull();
  });

  it('says so where a profile says nothing', () => {
    expect(judge(aSide(), aSide({ n: 12 }))).toMatchObject({
      status: 'not_checked',
      reason: 'a profile has only 12 busy samples',
      ratio: null,
    });
    expect(judge(aSide({ share: 0.01, shareWithCallees: 0.01 }), GONE).status).toBe('not_checked');
  });

  const sides = fc.record({
    // Shares are counts of counts: below one in a million nothing was sampled.
    share: fc.nat(1_000_000).map((count) => count / 1_000_000),
    more: fc.nat(1000).map((count) => count / 1000),
    n: fc.integer({ min: 0, max: 100_000 }),
    cpuUs: fc.option(fc.double({ min: 0.1, max: 1e6, noNaN: true })),
  });
  const toSide = ({
    share,
    more,
    n,
    cpuUs,
  }: {
    share: number;
    more: number;
    n: number;
    cpuUs: number | null;
  }) => aSide({ share, shareWithCallees: share + more * (1 - share), n, cpuUs });

  it('never confirms unchanged code, and its ratio lies in its interval', () => {
    fc.assert(
      fc.property(sides, (one) => {
        expect(['not_confirmed', 'not_checked']).toContain(judge(toSide(one), toSide(one)).status);
      }),
    );
    fc.assert(
      fc.property(sides, sides, (one, other) => {
        const { status, ratio, ratio_interval } = judge(toSide(one), toSide(other));
        if (ratio === null || ratio_interval === null) {
          expect(status).toBe('not_checked');
          return;
        }
        expect(ratio).toBeGreaterThanOrEqual(ratio_interval[0]);
        expect(ratio).toBeLessThanOrEqual(ratio_interval[1]);
        if (status === 'confirmed') expect(ratio_interval[1]).toBeLessThan(1);
      }),
    );
  });
});

describe('what the judgement is made from', () => {
  const [primary] = anExperiment().comparisons;
  const CHANGE = { change: -0.5, interval: [-0.6, -0.4] as [number, number] };

  it('is CPU of an operation in µs, whatever the metric is called', () => {
    const of = (metric: 'cpu_ms' | 'cpu_us_per_request' | 'wall_ms') =>
      cpuOfSides(primary ? [{ ...primary, metric, baseline: 4, candidate: 3, ...CHANGE }] : []);
    expect(of('cpu_ms')).toEqual({ baseline: 4000, candidate: 3000, spread: [0.8, 1.2] });
    expect(of('cpu_us_per_request')).toEqual({ baseline: 4, candidate: 3, spread: [0.8, 1.2] });
    expect(of('wall_ms')).toEqual({ baseline: null, candidate: null, spread: [1, 1] });
  });

  it('keeps the ceiling beside what came, both as gains', () => {
    const ceilings = [
      { metric: 'latency_p95_ms', gain: 0.3, interval: [0.2, 0.4] as [number, number], assumes: '…' },
    ];
    expect(compareWithPrediction(aBottleneck({ ceilings }), primary)).toEqual({
      metric: 'latency_p95_ms',
      ceiling: 0.3,
      ceiling_interval: [0.2, 0.4],
      observed: 0.18,
      observed_interval: [0.15, 0.21],
    });
    expect(compareWithPrediction(aBottleneck(), primary)).toBeNull();
    expect(compareWithPrediction(aBottleneck({ ceilings }), undefined)).toBeNull();
  });
});
