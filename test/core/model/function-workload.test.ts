import { describe, expect, it } from 'vitest';
import { functionWorkloadSchema } from '../../../src/core/model/workloads/function.ts';

const WORKLOAD = { name: 'parse', kind: 'function', module: './src/parse.ts' };

describe('a function workload', () => {
  it('needs no more than a module', () => {
    expect(functionWorkloadSchema.safeParse(WORKLOAD).success).toBe(true);
  });

  it('has sizes only with a generator that is given them', () => {
    const sized = (args: object | undefined) =>
      functionWorkloadSchema.safeParse({
        ...WORKLOAD,
        sizes: [10, 100],
        ...(args === undefined ? {} : { args }),
      });
    expect(sized({ module: './bench/args.ts', export: 'inputs' }).success).toBe(true);
    for (const args of [undefined, { json: [1] }, { file: 'args.json' }]) {
      expect(sized(args).error?.issues[0]?.message).toContain('"sizes" are given to a generator');
    }
  });
});
