import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objectiveSchema, pricesSchema } from '../../../src/core/model/goals.ts';
import { METRIC_NAMES } from '../../../src/core/model/metrics.ts';
import { sweepDimensionSchema } from '../../../src/core/model/sweep.ts';
import { workloadSchema } from '../../../src/core/model/workloads/index.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/workloads.md'), 'utf8');
const blocks = [...text.matchAll(/```json\n(.*?)```/gs)].map(
  ([, block = '']) => JSON.parse(block) as Record<string, unknown>,
);
const inline = [...text.matchAll(/`(\{.*?\})`/g)].flatMap(([, code = '']) => {
  try {
    return [JSON.parse(code) as Record<string, unknown>];
  } catch {
    return [];
  }
});

describe('docs/workloads.md', () => {
  it('has a workload of each kind that the schema takes', () => {
    const workloads = blocks.filter((block) => 'kind' in block);
    expect(workloads.map(({ kind }) => kind)).toEqual(['http', 'function', 'command', 'query']);
    for (const workload of workloads) expect(workloadSchema.safeParse(workload).error).toBeUndefined();
  });

  it('has prices and an objective that the schema takes', () => {
    const [cost] = blocks.filter((block) => 'prices' in block);
    expect(pricesSchema.safeParse(cost?.['prices']).error).toBeUndefined();
    expect(objectiveSchema.array().safeParse(cost?.['objectives']).error).toBeUndefined();
  });

  it('sweeps over dimensions that there are', () => {
    const sweeps = inline.filter((code) => 'over' in code);
    expect(sweeps.length).toBeGreaterThan(3);
    for (const { over } of sweeps) expect(sweepDimensionSchema.safeParse(over).error).toBeUndefined();
    expect(new Set(sweeps.map(({ over }) => over))).toEqual(new Set(sweepDimensionSchema.options));
  });

  it('names metrics that there are', () => {
    const named = [
      ...text.matchAll(/`([a-z0-9_]+_(?:ms|rps|rate|request|bytes|share|op|ops|rows|read|switches))`/g),
    ];
    for (const [, name = ''] of named) expect(METRIC_NAMES).toContain(name);
  });
});
