import { describe, expect, it } from 'vitest';
import { judgePattern } from '../../../src/core/detectors/judge-pattern.ts';

/** Steps that V8 takes cannot be counted, so its time is: of the text that the judgement proposes, long enough to tell. */
function timeOf(source: string, repeat: string, times: number): number {
  const pattern = new RegExp(source);
  const text = `${repeat.repeat(times)}\u0000`;
  const once = () => {
    const start = performance.now();
    pattern.test(text);
    return performance.now() - start;
  };
  return Math.min(once(), once(), once());
}

describe('judgePattern', () => {
  it.each([
    String.raw`^(\w+\s?)+$`,
    String.raw`^([a-z0-9]+[._-]?)+@([a-z0-9]+[.-]?)+\.[a-z]{2,}$`,
    String.raw`^(?:a+)*$`,
    String.raw`^(?:.*,)*.*$(?!.)x`,
  ])('%s grows exponentially, which running it shows', (source) => {
    const { growth, repeat = '' } = judgePattern(source);
    expect(growth).toBe('exponential');
    // Six more letters are 64 times the work; 8 leaves room for a busy machine.
    expect(timeOf(source, repeat, 22)).toBeGreaterThan(8 * timeOf(source, repeat, 16));
  });

  it.each([String.raw`^\d*\w+$`, String.raw`^a+a+$`, String.raw`^\s*(.*?)\s*$x`])(
    '%s grows with a power',
    (source) => {
      expect(judgePattern(source).growth).toBe('polynomial');
    },
  );

  it.each([
    String.raw`^[a-z0-9]+(?:[._-][a-z0-9]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}$`,
    String.raw`^(\d{4}-\d\d-\d\d)T([\d:]{8})Z (\S+) (\d{3})$`,
    String.raw`^\p{L}[\p{L} '-]{0,79}$`,
    String.raw`^-?\d{1,15}(\.\d{1,6})?$`,
  ])('%s does not backtrack', (source) => {
    expect(judgePattern(source).growth).toBe('linear');
  });

  it('tells a search that starts anew at each place from backtracking', () => {
    expect(judgePattern(String.raw`\s+$`).growth).toBe('rescanning');
  });

  it('does not guess about what is no pattern, or too long to be judged', () => {
    expect(judgePattern('(').growth).toBe('unknown');
    expect(judgePattern('a?'.repeat(2000)).growth).toBe('unknown');
  });
});
