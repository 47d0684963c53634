import { describe, expect, it } from 'vitest';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { compareProfiles } from '../../../src/core/profile/difference.ts';
import { analyzeRecorded } from '../detectors/recorded.ts';
import { tinyProfile } from './tiny-profile.ts';
import type { Stack } from './tiny-profile.ts';

const analyze = (stacks: readonly Stack[]) => analyzeProfile(tinyProfile(stacks), ['/app']);

describe('compareProfiles', () => {
  it('tells what shrank from what only takes more of what is left', () => {
    const before = analyze([
      { stack: 'render@/app/a.js:1', ms: 800 },
      { stack: 'route@/app/b.js:1', ms: 200 },
    ]);
    const after = analyze([
      { stack: 'render@/app/a.js:1', ms: 200 },
      { stack: 'route@/app/b.js:1', ms: 200 },
    ]);
    const [first, second] = compareProfiles(before, after);
    expect(first).toMatchObject({ before: 0.8, after: 0.5, isClear: true });
    expect(first?.cost.frame.name).toBe('render');
    expect(first?.interval[0]).toBeLessThan(-0.3);
    expect(first?.interval[1]).toBeGreaterThan(-0.3);
    expect(second?.change).toBeCloseTo(0.3);
  });

  it('finds a function again that an edit moved, and one that is gone or new', () => {
    const before = analyze([
      { stack: 'kept@/app/a.js:10', ms: 500 },
      { stack: 'gone@/app/a.js:20', ms: 500 },
    ]);
    const after = analyze([
      { stack: 'kept@/app/a.js:14', ms: 500 },
      { stack: 'made@/app/a.js:30', ms: 500 },
    ]);
    expect(
      compareProfiles(before, after).map(({ cost, before: from, after: to }) => [cost.frame.name, from, to]),
    ).toEqual(
      expect.arrayContaining([
        ['kept', 0.5, 0.5],
        ['gone', 0.5, 0],
        ['made', 0, 0.5],
      ]),
    );
  });

  it('of few samples nothing is clear', () => {
    const before = analyze([
      { stack: 'a@/app/a.js:1', ms: 5 },
      { stack: 'b@/app/b.js:1', ms: 5 },
    ]);
    const after = analyze([
      { stack: 'a@/app/a.js:1', ms: 4 },
      { stack: 'b@/app/b.js:1', ms: 6 },
    ]);
    expect(compareProfiles(before, after).filter(({ isClear }) => isClear)).toEqual([]);
  });

  it('of a profile and itself nothing differs', () => {
    const recorded = analyzeRecorded('template', 'attribution');
    const differences = compareProfiles(recorded, recorded);
    expect(differences.length).toBe(recorded.functions.length);
    expect(differences.every(({ change, isClear }) => change === 0 && !isClear)).toBe(true);
  });

  it('shows what a fix took away, in recordings of a program before and after', () => {
    const [first] = compareProfiles(
      analyzeRecorded('exceptions', 'attribution'),
      analyzeRecorded('exceptions-none', 'attribution'),
    );
    expect(first?.cost.frame.name).toBe('ReadError');
    expect(first?.change).toBeLessThan(-0.4);
    expect(first?.isClear).toBe(true);
  });
});
