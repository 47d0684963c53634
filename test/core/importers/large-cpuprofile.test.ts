import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importProfile } from '../../../src/core/importers/index.ts';
import { readLargeCpuProfile } from '../../../src/core/importers/large-cpuprofile.ts';
import { readCapture, type V8Capture } from '../../../src/core/importers/v8-capture.ts';

const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const withPlainLists = (capture: V8Capture | undefined) =>
  capture && {
    ...capture,
    samples: Array.from(capture.samples),
    timeDeltas: Array.from(capture.timeDeltas ?? []),
  };

const root = {
  id: 1,
  callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 },
  children: [2],
};
const work = {
  id: 2,
  callFrame: { functionName: 'wörk', scriptId: '1', url: 'file:///a.js', lineNumber: 1, columnNumber: 1 },
  positionTicks: [
    { line: 2, ticks: 3 },
    { line: 3, ticks: 1 },
  ],
};
const profile = {
  nodes: [root, work],
  startTime: 5,
  endTime: 50,
  samples: [2, 2, 1],
  timeDeltas: [0, -5, 999_999_999],
};

describe('a profile that is read in parts', () => {
  it.each(['20', '22', '24'])('is what it is as a whole: Node.js %s', (version) => {
    const file = new URL(`../../fixtures/imports/node/${version}/work.cpuprofile`, import.meta.url);
    const bytes = readFileSync(file);
    const read = readLargeCpuProfile(bytes);
    expect(read?.samples).toBeInstanceOf(Int32Array);
    expect(withPlainLists(read)).toEqual(readCapture(JSON.parse(bytes.toString('utf8'))));
  });

  it('may lie anywhere in memory, hold negative times, and names that look like its parts', () => {
    const functionName = 'a},{"id":3}],"startTime":1,"samples":[';
    const odd = { ...profile, nodes: [root, { ...work, callFrame: { ...work.callFrame, functionName } }] };
    const bytes = new Uint8Array([32, ...bytesOf(odd)]).subarray(1);
    expect(withPlainLists(readLargeCpuProfile(bytes))).toEqual(readCapture(odd));
  });

  it.each([
    ['a list is missing', { ...profile, samples: undefined }],
    ['times before the nodes', { timeDeltas: [1], nodes: profile.nodes, samples: [2] }],
    ['numbers that are not integers', { ...profile, samples: [1.5] }],
    ['numbers of more than nine digits', { ...profile, timeDeltas: [1_234_567_890] }],
    ['other values', { ...profile, samples: ['a'] }],
    ['an empty list', { ...profile, samples: [] }],
    ['other nodes', { ...profile, nodes: [{ callFrame: {}, id: 1 }] }],
    ['white space', JSON.stringify(profile, undefined, 1)],
    ['a comma too many', JSON.stringify(profile).replace('2,2,1]', '2,2,]')],
    ['damage among the nodes', JSON.stringify(profile).replace('"callFrame":', '"callFrame"')],
    ['damage after them', JSON.stringify(profile).replace('"endTime":', '"endTime"')],
    ['no end', JSON.stringify(profile).slice(0, -5)],
  ])('with %s is left to be parsed as a whole', (_, value) => {
    expect(readLargeCpuProfile(bytesOf(value))).toBeUndefined();
  });
});

describe('a profile of more than 4 MB', () => {
  const count = 900_000;
  const large = {
    ...profile,
    nodes: [root, ...Array.from({ length: 20_000 }, (_, index) => ({ ...work, id: index + 2 }))],
    samples: Array<number>(count).fill(2),
    timeDeltas: Array<number>(count).fill(1000),
  };
  const text = JSON.stringify({
    ...large,
    nodes: [{ ...root, children: large.nodes.slice(1).map(({ id }) => id) }, ...large.nodes.slice(1)],
  });

  it('is read as a small one', () => {
    const whole = importProfile(`${text} `);
    const inParts = importProfile(bytesOf(text));
    expect(inParts).toEqual(whole);
    const node = inParts.profile.nodes.samples.indexOf(count);
    expect([...(inParts.profile.lines.get(node) ?? [])]).toEqual([
      [2, 0.75 * count * 1000],
      [3, 0.25 * count * 1000],
    ]);
  });

  it('that is cut off is refused as cut off', () => {
    expect(() => importProfile(bytesOf(text.slice(0, -1000)))).toThrow(/is cut off/);
  });
});
