import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../src/core/model/goals.ts';
import { planSweep, settingAt, type SweepRequest } from '../../../src/core/scaling/sweep-plan.ts';

const HTTP: Workload = {
  name: 'shop',
  kind: 'http',
  start: { command: ['node', 'server.js'], env: { A: '1' } },
  requests: [{ path: '/' }],
};
const FUNCTION: Workload = {
  name: 'parse',
  kind: 'function',
  module: 'parse.js',
  sizes: [10, 100, 1000, 10_000],
};
const COMMAND: Workload = {
  name: 'build',
  kind: 'command',
  command: ['python3', 'build.py', '{pages}'],
  parameters: { pages: [10] },
};
const HTTP_LOAD = { kind: 'http', connections: 16, rate_per_s: 100, rate_from: 'workload' } as const;

describe('a plan of a sweep', () => {
  it('takes what is natural for the dimension when no values are given', () => {
    expect(planSweep(HTTP, { over: 'connections' }).values).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(planSweep(FUNCTION, { over: 'size' }).values).toEqual([10, 100, 1000, 10_000]);
  });

  it.each<[string, Workload, SweepRequest, RegExp]>([
    ['too few values for a curve', HTTP, { over: 'connections', values: [1, 2] }, /2 different values/],
    ['no values', HTTP, { over: 'rate_per_s' }, /needs values/],
    ['a value twice', HTTP, { over: 'connections', values: [1, 1] }, /twice/],
    ['a text for a number', HTTP, { over: 'connections', values: ['many'] }, /numbers above 0/],
    ['zero', FUNCTION, { over: 'size', values: [0, 1] }, /numbers above 0/],
    ['a rate of a command', COMMAND, { over: 'rate_per_s', values: [1, 2] }, /no rate_per_s/],
    ['a size that nothing takes', COMMAND, { over: 'size', values: [1, 2] }, /has to be named/],
    ['a variable of a function', FUNCTION, { over: 'size', variable: 'N' }, /generator/],
    ['an environment without a name', HTTP, { over: 'environment', values: ['a'] }, /name of the variable/],
    [
      'too many values',
      HTTP,
      { over: 'connections', values: Array.from({ length: 21 }, (_, i) => i + 1) },
      /too many/,
    ],
  ])('refuses %s, and says how to put it right', (_what, workload, request, message) => {
    expect(() => planSweep(workload, request)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^(invalid_arguments|too_few_levels)$/) as string,
        message: expect.stringMatching(message) as string,
        fix: expect.stringMatching(/./) as string,
      }) as Error,
    );
  });
});

describe('a point', () => {
  it('changes the load, and only what is swept of it', () => {
    const base = { workload: HTTP, load: HTTP_LOAD };
    expect(settingAt(planSweep(HTTP, { over: 'connections' }), 4, base)).toEqual({
      workload: HTTP,
      load: { ...HTTP_LOAD, connections: 4 },
    });
    expect(settingAt(planSweep(HTTP, { over: 'rate_per_s', values: [7] }), 7, base).load).toEqual({
      ...HTTP_LOAD,
      rate_per_s: 7,
    });
  });

  it('gives a function its size through the load', () => {
    const load = { kind: 'function', calls_per_timing: 3 } as const;
    expect(settingAt(planSweep(FUNCTION, { over: 'size' }), 100, { workload: FUNCTION, load }).load).toEqual({
      ...load,
      size: 100,
    });
  });

  it('sets a parameter of a command where there is one of that name, else an environment variable', () => {
    const base = { workload: COMMAND, load: { kind: 'command', runs: 1 } as const };
    const pages = planSweep(COMMAND, { over: 'size', variable: 'pages', values: [20, 40, 80, 160] });
    expect(settingAt(pages, 20, base).workload).toMatchObject({ parameters: { pages: [20] } });
    const items = planSweep(COMMAND, { over: 'size', variable: 'ITEMS', values: [20, 40, 80, 160] });
    expect(settingAt(items, 20, base).workload).toMatchObject({
      parameters: { pages: [10] },
      env: { ITEMS: '20' },
    });
    const pool = planSweep(HTTP, { over: 'environment', variable: 'POOL', values: ['a', 'b'] });
    expect(settingAt(pool, 'b', { workload: HTTP, load: HTTP_LOAD }).workload).toMatchObject({
      start: { env: { A: '1', POOL: 'b' } },
    });
  });
});
