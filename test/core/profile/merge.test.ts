import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/core/errors.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { mergeProfiles } from '../../../src/core/profile/merge.ts';
import { tinyProfile } from './tiny-profile.ts';

describe('mergeProfiles', () => {
  const main = tinyProfile([
    { stack: 'a@/x.js:1 > b@/x.js:5', ms: 60, line: 6 },
    { stack: '(idle)', ms: 40 },
  ]);
  const worker = tinyProfile([
    { stack: 'a@/x.js:1 > b@/x.js:5', ms: 30, line: 6 },
    { stack: 'a@/x.js:1 > c@/x.js:9', ms: 10 },
  ]);
  const wrapper = tinyProfile([
    { stack: 'npm@/npm.js:1', ms: 1 },
    { stack: '(idle)', ms: 99 },
  ]);

  it('adds the weights, samples and lines of the same stacks', () => {
    const { profile, skipped } = mergeProfiles([
      { profile: main, thread: 'main' },
      { profile: worker, thread: 'worker' },
    ]);
    const { functions, totals } = analyzeProfile(profile);
    expect(skipped).toEqual([]);
    expect(profile.threads).toEqual(['main', 'worker']);
    expect(totals).toMatchObject({ busy: 100_000, idle: 40_000, busySamples: 100 });
    expect(functions.map(({ frame, own, samples }) => [frame.name, own, samples])).toEqual([
      ['b', 90_000, 90],
      ['c', 10_000, 10],
      ['a', 0, 0],
    ]);
    const lines = [...profile.nodes.frame.keys()].flatMap((node) => [...(profile.lines.get(node) ?? [])]);
    expect(lines).toEqual([[6, 90_000]]);
    expect(profile.lines.size).toBe(1);
  });

  it('leaves out threads that did next to nothing, and names them', () => {
    const { profile, skipped } = mergeProfiles([
      { profile: wrapper, thread: 'npm' },
      { profile: main, thread: 'main' },
    ]);
    expect(skipped).toEqual(['npm']);
    expect(analyzeProfile(profile).totals.all).toBe(100_000);
  });

  it('refuses what cannot be added up', () => {
    expect(() => mergeProfiles([])).toThrow(InternalError);
    expect(() =>
      mergeProfiles([
        { profile: main, thread: 'a' },
        { profile: { ...worker, weight: 'samples' }, thread: 'b' },
      ]),
    ).toThrow(/"samples" cannot be merged with "wall_us"/);
  });
});
