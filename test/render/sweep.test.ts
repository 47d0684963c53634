import { describe, expect, it } from 'vitest';
import type { Sweep } from '../../src/core/model/sweep.ts';
import { describeFit, describeSweep } from '../../src/render/sweep.ts';

const coefficient = (value: number, low: number, high: number) => ({
  value,
  interval: [low, high] as [number, number],
});
const SWEEP: Sweep = {
  over: 'connections',
  metric: 'throughput_rps',
  points: [
    {
      value: 1,
      estimates: {
        throughput_rps: { value: 100, interval: [95, 105], n: 6, confidence: 0.97, resolvable_effect: null },
      },
    },
    { value: 2, estimates: {}, failed: 'It exited with code 7.' },
  ],
  fit: { kind: 'none', reason: 'too_few_levels', text: '1 different values gave samples.' },
  knee: null,
  plots: [],
  warnings: [],
};

describe('a sweep in words', () => {
  it('has a row for each point, with its interval and count, and says which failed', () => {
    const text = describeSweep(SWEEP);
    expect(text).toMatch(/\| connections +\| throughput +\| +n \| failed/);
    expect(text).toMatch(/\| 1 +\| 100 \/s \[95, 105\] +\| +6 \|/);
    expect(text).toMatch(/\| 2 +\| no sample +\| +0 \| It exited with code 7\./);
    expect(describeSweep({ ...SWEEP, points: SWEEP.points.slice(0, 1) })).not.toContain('failed');
  });

  it('says why there is no curve', () => {
    expect(describeFit(SWEEP.fit)).toBe('No curve: 1 different values gave samples.');
  });

  it('gives the coefficients with intervals, and the peak where it was passed', () => {
    const fit = {
      kind: 'universal-scalability-law' as const,
      rate_of_one: coefficient(100, 95, 105),
      contention: coefficient(0.3, 0.25, 0.35),
      coherency: coefficient(0.001, 0.0005, 0.002),
      peak: { status: 'named' as const, concurrency: coefficient(26, 20, 31), throughput: 400 },
      misfit: 0.02,
      levels: 7,
      samples: 21,
      warnings: [],
    };
    expect(describeFit(fit)).toBe(
      'Contention 30 % [25 %, 35 %], coherency 0.001 [0.0005, 0.002]. Peak at 26 connections [20, 31].',
    );
    const text = 'The sweep did not pass the peak.';
    expect(describeFit({ ...fit, peak: { status: 'not_passed', text } })).toContain(text);
  });
});
