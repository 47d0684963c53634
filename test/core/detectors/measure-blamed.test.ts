import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import { isSeenInProfiles, measureBlamed } from '../../../src/core/detectors/measure-blamed.ts';
import { RECORDED_PROGRAMS, recordedInput } from './recorded.ts';

describe('measureBlamed', () => {
  it.each(RECORDED_PROGRAMS.filter((program) => program !== 'healthy'))(
    'gives the finding of %s the share that its detector gave it',
    (program) => {
      const input = recordedInput(program);
      const [finding] = detectBottlenecks(input);
      expect(finding && isSeenInProfiles(finding)).toBe(true);
      if (!finding) return;
      const cost = measureBlamed(finding, input);
      expect(cost?.share).toBeCloseTo(finding.share.value, 6);
      expect(cost?.shareWithCallees).toBeGreaterThanOrEqual(cost?.share ?? 1);
    },
  );

  it('finds the function again when its line moved, and nothing of it in another program', () => {
    const [finding] = detectBottlenecks(recordedInput('json-heavy'));
    expect(finding).toBeDefined();
    if (!finding) return;
    const moved = { ...finding, location: { ...finding.location, line: 999 } };
    expect(measureBlamed(moved, recordedInput('json-heavy'))?.share).toBeCloseTo(finding.share.value, 6);
    expect(measureBlamed(finding, recordedInput('healthy'))).toEqual({ share: 0, shareWithCallees: 0 });
  });

  it('cannot find what has no name, nor what is not CPU time', () => {
    const location = { file: 'json-heavy.mjs', function: '(anonymous)' };
    expect(measureBlamed({ kind: 'hot-function', location }, recordedInput('json-heavy'))).toBeNull();
    expect(isSeenInProfiles({ kind: 'event-loop-blocked' })).toBe(false);
    expect(isSeenInProfiles({ kind: 'nonsense' })).toBe(false);
  });
});
