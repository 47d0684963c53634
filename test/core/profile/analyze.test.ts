import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import type { FunctionCost, ProfileAnalysis } from '../../../src/core/profile/analyze.ts';
import { findHeaviestPath } from '../../../src/core/profile/heaviest-path.ts';
import { hotLinesOfFile, hotLinesOfFunction } from '../../../src/core/profile/hot-lines.ts';
import { findPareto } from '../../../src/core/profile/pareto.ts';
import { measureReach } from '../../../src/core/profile/reach.ts';
import { calleesOf, callersOf } from '../../../src/core/profile/relatives.ts';
import type { Relative } from '../../../src/core/profile/relatives.ts';
import { RECORDED_PROGRAMS, analyzeRecorded } from '../detectors/recorded.ts';
import { tinyProfile } from './tiny-profile.ts';
import type { Stack } from './tiny-profile.ts';

function costOf(analysis: ProfileAnalysis, name: string): FunctionCost {
  const found = analysis.functions.find((cost) => cost.frame.name === name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
}

const SERVICE: readonly Stack[] = [
  { stack: '(idle)', ms: 100 },
  { stack: '(program)', ms: 10 },
  { stack: '(garbage collector)', ms: 20 },
  { stack: 'handle@/app/src/server.js:10', ms: 10, line: 12 },
  { stack: 'handle@/app/src/server.js:10 > render@/app/src/render.js:3', ms: 20, line: 5 },
  { stack: 'handle@/app/src/server.js:10 > render@/app/src/render.js:3 > stringify', ms: 70 },
  { stack: 'handle@/app/src/server.js:10 > send@/app/node_modules/send/index.js:7', ms: 30 },
  { stack: 'handle@/app/src/server.js:10 > end@node:_http_outgoing:1033 > writev', ms: 40 },
];

describe('analyzeProfile', () => {
  const analysis = analyzeProfile(tinyProfile(SERVICE), ['/app']);

  it('splits all time into busy and idle', () => {
    expect(analysis.totals).toEqual({
      all: 300_000,
      busy: 200_000,
      idle: 100_000,
      gc: 20_000,
      samples: 300,
      busySamples: 200,
    });
  });

  it('gives each function self, total and own weight as shares of busy time', () => {
    expect(costOf(analysis, 'handle')).toMatchObject({
      file: 'src/server.js',
      isUser: true,
      selfShare: 0.05,
      totalShare: 0.85,
      // The socket write below response.end() is not the handler's own.
      ownShare: 0.05,
    });
    expect(costOf(analysis, 'send')).toMatchObject({ package: 'send', isUser: false, ownShare: 0.15 });
  });

  it('charges built-ins to the JavaScript function that called them', () => {
    const render = costOf(analysis, 'render');
    expect(render).toMatchObject({ selfShare: 0.1, ownShare: 0.45, ownSamples: 90 });
    expect(render.calls).toMatchObject([
      { name: 'JSON.stringify', category: 'json', share: 0.35, samples: 70 },
    ]);
    expect(costOf(analysis, 'stringify').own).toBe(0);
    expect(costOf(analysis, 'stringify').selfShare).toBe(0.35);
  });

  it('says what part of the time has a name, and what the rest is', () => {
    expect(analysis.coverage).toEqual({ named: 0.65, gc: 0.1, program: 0.05, native: 0.2, builtin: 0 });
  });

  it('adds up packages', () => {
    expect(analysis.packages.map(({ package: name, ownShare }) => [name, ownShare])).toEqual([
      [undefined, 0.5],
      ['send', 0.15],
      ['node', 0],
    ]);
  });

  it('counts recursion once in totals', () => {
    const recursive = analyzeProfile(
      tinyProfile([
        { stack: 'walk@/a.js:1', ms: 1 },
        { stack: 'walk@/a.js:1 > walk@/a.js:1', ms: 2 },
        { stack: 'walk@/a.js:1 > visit@/a.js:9 > walk@/a.js:1', ms: 4 },
        { stack: 'other@/a.js:20', ms: 3 },
      ]),
    );
    expect(costOf(recursive, 'walk')).toMatchObject({ self: 7000, total: 7000, totalShare: 0.7 });
    expect(costOf(recursive, 'visit')).toMatchObject({ self: 0, total: 4000 });
  });

  it('finds the fewest functions that make 80 % of the named time', () => {
    const pareto = findPareto(analysis);
    // 130 ms are named: render 90, send 30, handle 10; 104 are needed.
    expect(pareto.functions.map(({ frame }) => frame.name)).toEqual(['render', 'send']);
    expect(pareto.outOf).toBe(3);
    expect(pareto.shareOfNamed).toBeCloseTo(120 / 130, 10);
    expect(pareto.shareOfBusy).toBeCloseTo(0.6, 10);
  });

  it('follows the heaviest path down to the frame that keeps its time', () => {
    expect(findHeaviestPath(analysis).map(({ frame, share }) => [frame.name, share])).toEqual([
      ['handle', 0.85],
      ['render', 0.45],
      ['stringify', 0.35],
    ]);
  });

  it('lists hot lines of a function and of a file', () => {
    const { frameIndex } = costOf(analysis, 'render');
    expect(hotLinesOfFunction(analysis, frameIndex)).toEqual([{ line: 5, weight: 20_000, share: 0.1 }]);
    expect(hotLinesOfFile(analysis, '/app/src/server.js').map(({ line }) => line)).toEqual([12]);
  });

  it('answers an empty profile with zeros, not with NaN', () => {
    const empty = analyzeProfile(tinyProfile([{ stack: '(idle)', ms: 5 }]));
    expect(empty.totals.busy).toBe(0);
    expect(Object.values(empty.coverage)).toEqual([0, 0, 0, 0, 0]);
    expect(findPareto(empty)).toMatchObject({ functions: [], shareOfNamed: 0 });
  });
});

describe('callers and callees', () => {
  const analysis = analyzeProfile(
    tinyProfile([
      { stack: 'a@/x.js:1 > shared@/x.js:5 > leaf@/x.js:9', ms: 6 },
      { stack: 'b@/x.js:3 > shared@/x.js:5', ms: 3 },
      { stack: 'b@/x.js:3 > shared@/x.js:5 > shared@/x.js:5 > leaf@/x.js:9', ms: 1 },
    ]),
  );
  const { frameIndex } = costOf(analysis, 'shared');
  const view = ({ frame, weight, self, relatives }: Relative): unknown => ({
    name: frame.name,
    ms: weight / 1000,
    self: self / 1000,
    relatives: relatives.map(view),
  });

  it('inverts the tree for callers', () => {
    expect(view(callersOf(analysis, frameIndex))).toEqual({
      name: 'shared',
      ms: 10,
      self: 0,
      relatives: [
        { name: 'a', ms: 6, self: 0, relatives: [] },
        { name: 'b', ms: 4, self: 0, relatives: [] },
      ],
    });
  });

  it('lays the subtrees of all calls over each other for callees', () => {
    expect(view(calleesOf(analysis, frameIndex))).toEqual({
      name: 'shared',
      ms: 10,
      self: 3,
      relatives: [
        { name: 'leaf', ms: 6, self: 6, relatives: [] },
        { name: 'shared', ms: 1, self: 0, relatives: [{ name: 'leaf', ms: 1, self: 1, relatives: [] }] },
      ],
    });
  });

  it('says how much the bounds left out', () => {
    expect(callersOf(analysis, frameIndex, { width: 1 }).omitted).toBe(4000);
    expect(calleesOf(analysis, frameIndex, { depth: 0 })).toMatchObject({ relatives: [], omitted: 7000 });
  });
});

describe('measureReach', () => {
  const reachOf = (stacks: readonly Stack[], name: string) => {
    const analysis = analyzeProfile(tinyProfile(stacks));
    return measureReach(analysis, costOf(analysis, name)).share;
  };

  it('counts smaller callees that only the function calls', () => {
    expect(
      reachOf(
        [
          { stack: 'loop@/a.js:1', ms: 50 },
          { stack: 'loop@/a.js:1 > inner@/a.js:9', ms: 30 },
          { stack: 'other@/a.js:20', ms: 20 },
        ],
        'loop',
      ),
    ).toBeCloseTo(0.8, 10);
  });

  it('does not lend a dispatcher the cost of what it dispatches to, nor of what others call as well', () => {
    const stacks = [
      { stack: 'handle@/a.js:1', ms: 6 },
      { stack: 'handle@/a.js:1 > big@/a.js:9', ms: 60 },
      { stack: 'handle@/a.js:1 > shared@/a.js:15', ms: 4 },
      { stack: 'other@/a.js:20 > shared@/a.js:15', ms: 4 },
      { stack: 'other@/a.js:20', ms: 26 },
    ];
    expect(reachOf(stacks, 'handle')).toBeCloseTo(0.06, 10);
  });

  it('counts a callee whose caller V8 lost', () => {
    expect(
      reachOf(
        [
          { stack: 'handle@/a.js:1 > loop@/a.js:5', ms: 50 },
          { stack: 'handle@/a.js:1 > loop@/a.js:5 > inner@/a.js:9', ms: 10 },
          { stack: 'handle@/a.js:1 > inner@/a.js:9', ms: 20 },
          { stack: 'other@/a.js:20', ms: 20 },
        ],
        'loop',
      ),
    ).toBeCloseTo(0.8, 10);
  });
});

describe('invariants', () => {
  const names = [
    'a@/p.js:1',
    'b@/p.js:2',
    'c@/node_modules/m/i.js:3',
    'stringify',
    'write@node:fs:1',
    '(garbage collector)',
  ];
  const stacks = fc.array(
    fc.record({
      stack: fc
        .array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 })
        .map((parts) => parts.join(' > ')),
      ms: fc.integer({ min: 0, max: 50 }),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it('hold for any tree', () => {
    fc.assert(
      fc.property(stacks, fc.integer({ min: 0, max: 40 }), (list, idle) => {
        checkInvariants(analyzeProfile(tinyProfile([...list, { stack: '(idle)', ms: idle }])));
      }),
      { numRuns: 150 },
    );
  });

  it.each(RECORDED_PROGRAMS)('hold for the recording of %s', (program) => {
    checkInvariants(analyzeRecorded(program, 'attribution'));
    checkInvariants(analyzeRecorded(program, 'plain'));
  });
});

function checkInvariants(analysis: ProfileAnalysis): void {
  const { totals, functions, coverage, profile } = analysis;
  const sum = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0);
  const near = (actual: number, expected: number) =>
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, expected));
  near(sum(profile.nodes.self), totals.busy + totals.idle);
  near(sum(functions.map(({ self }) => self)), totals.busy);
  near(sum(functions.map(({ own }) => own)), totals.busy);
  near(sum(Object.values(coverage)), totals.busy > 0 ? 1 : 0);
  for (const cost of functions) {
    expect(cost.total).toBeGreaterThanOrEqual(cost.self - 1e-6);
    expect(cost.total).toBeLessThanOrEqual(totals.busy + 1e-6);
    const everything = { depth: 1, width: Infinity, minShare: 0 };
    const callees = calleesOf(analysis, cost.frameIndex, everything);
    near(callees.weight, cost.total);
    near(callees.self + sum(callees.relatives.map(({ weight }) => weight)), cost.total);
    const callers = callersOf(analysis, cost.frameIndex, everything);
    near(callers.weight, cost.total);
    expect(sum(callers.relatives.map(({ weight }) => weight))).toBeLessThanOrEqual(cost.total + 1e-6);
  }
}
