import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/core/model/measurement.ts';
import { conditionWarnings } from '../../../src/core/measurement/condition-warnings.ts';
import { aSample } from '../../support/records.ts';

const QUIET = aSample(0);
const flagged = (flag: string, conditions: Partial<Sample['conditions']> = {}): Sample => ({
  ...QUIET,
  flags: [flag],
  conditions: { ...QUIET.conditions, ...conditions },
});
const codes = (samples: readonly Sample[], pinned = true) =>
  conditionWarnings(samples, pinned).map(({ code }) => code);

describe('conditionWarnings', () => {
  it('are silent where nothing weakens the result', () => {
    expect(codes([QUIET, QUIET])).toEqual([]);
    expect(codes([])).toEqual([]);
  });

  it('tell the worst that other programs took, and from how many processes', () => {
    const samples = [
      flagged('busy-machine', { foreign_cpu_share: 0.12 }),
      flagged('busy-machine', { foreign_cpu_share: 0.345 }),
      QUIET,
    ];
    expect(conditionWarnings(samples, true)).toMatchObject([
      {
        code: 'busy_machine',
        message: expect.stringMatching(/up to 35 % .* while 2 of the processes/) as string,
      },
    ]);
  });

  it('tell of stalls what the closed loop hides, and of a ceiling that was reached', () => {
    const stalls = (longest_ms: number) => ({ stalls: { longest_ms, closed_p99_ms: 2.25 } });
    expect(
      conditionWarnings([flagged('stalls', stalls(300)), flagged('stalls', stalls(999.6))], true),
    ).toMatchObject([
      {
        code: 'stalls',
        message: expect.stringMatching(/^In 2 processes .* 1000 ms .*p99 was 2\.3 ms/) as string,
      },
    ]);
    const generator = { cpu_share: 0.4, lateness_p99_ms: 1, ceiling_rps: 30_000.4 };
    expect(conditionWarnings([flagged('at-ceiling', { generator })], true)).toMatchObject([
      { code: 'at_ceiling', message: expect.stringContaining('near the 30000 requests a second') as string },
    ]);
  });

  it('tell when the host, the generator or the pinning was the limit', () => {
    expect(codes([flagged('steal', { steal_share: 0.1 })])).toEqual(['steal']);
    expect(codes([flagged('generator-bound')])).toEqual(['generator_bound']);
    expect(codes([QUIET], false)).toEqual(['not_pinned']);
  });

  it('forgive one late process, not a third of them', () => {
    const late = flagged('late-arrivals', { generator: { cpu_share: 0.3, lateness_p99_ms: 2.34 } });
    expect(codes([late, QUIET, QUIET, QUIET])).toEqual([]);
    expect(conditionWarnings([late, QUIET, QUIET], true)).toMatchObject([
      { code: 'late_arrivals', message: expect.stringContaining('In 1 processes') as string },
    ]);
  });

  it('count failed requests over all processes', () => {
    const failing = { ...QUIET, operations: { counted: 100, timed: 50, failed: 3 } };
    expect(
      conditionWarnings([failing, { ...failing, operations: { counted: 50, timed: 0, failed: 0 } }], true),
    ).toMatchObject([{ code: 'some_failed', message: '3 of 200 requests failed.' }]);
  });
});
