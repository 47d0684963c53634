import { describe, expect, it } from 'vitest';
import { importProfile } from '../../../src/core/importers/index.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { findInterrupted } from '../../../src/core/profile/collections.ts';
import { mergeProfiles } from '../../../src/core/profile/merge.ts';
import { analyzeRecorded } from '../detectors/recorded.ts';

const frame = (functionName: string, url: string, lineNumber: number) => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
  scriptId: '1',
});

/** (root), makeRows with a callback of its own, render, the collector; samples in the order given. */
function capture(samples: readonly number[]) {
  const nodes = [
    { id: 1, callFrame: frame('(root)', '', -1), children: [2, 4, 5, 6] },
    { id: 2, callFrame: frame('makeRows', 'file:///app/rows.js', 3), children: [3] },
    { id: 3, callFrame: frame('', 'file:///app/rows.js', 4) },
    { id: 4, callFrame: frame('render', 'file:///app/render.js', 9) },
    { id: 5, callFrame: frame('(garbage collector)', '', -1) },
    { id: 6, callFrame: frame('(idle)', '', -1) },
  ];
  const profile = {
    nodes,
    startTime: 0,
    endTime: samples.length * 1000,
    samples,
    timeDeltas: samples.map(() => 1000),
  };
  return importProfile(Buffer.from(JSON.stringify(profile)), 'hand-made.cpuprofile').profile;
}

const shares = (profile: ReturnType<typeof capture>) =>
  findInterrupted(analyzeProfile(profile, ['/app'])).map(({ cost, share }) => [cost.frame.name, share]);

describe('garbage collection and who was interrupted by it', () => {
  it('goes to the function that was sampled before, a callback to the one that it is written in', () => {
    expect(shares(capture([2, 5, 3, 5, 5, 4, 5]))).toEqual([
      ['makeRows', 0.75],
      ['render', 0.25],
    ]);
  });

  it('goes to nobody after an idle sample, nor at the start', () => {
    expect(shares(capture([5, 6, 5, 4]))).toEqual([]);
  });

  it('survives a merge of threads', () => {
    const threads = ['a', 'b'].map((thread) => ({ profile: capture([2, 5, 4, 2]), thread }));
    expect(shares(mergeProfiles(threads).profile)).toEqual([['makeRows', 1]]);
  });

  it.each([
    ['json-heavy', 'renderCatalogue'],
    ['logging', 'checkOrder'],
    ['template', 'renderList'],
  ] as const)('%s: %s allocates, and is interrupted most', (program, name) => {
    for (const mode of ['plain', 'attribution'] as const) {
      const [first] = findInterrupted(analyzeRecorded(program, mode));
      expect(first?.cost.frame.name).toBe(name);
      expect(first?.share).toBeGreaterThan(0.4);
    }
  });

  it('gc-churn: makeEvents is among the first two; V8 loses it from half of the samples before a collection', () => {
    const first = findInterrupted(analyzeRecorded('gc-churn', 'attribution')).slice(0, 2);
    expect(first.map(({ cost }) => cost.frame.name)).toContain('makeEvents');
  });
});
