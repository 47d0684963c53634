import { expect } from 'vitest';
import type { DetectorInput, Finding } from '../../../src/core/detectors/index.ts';
import { bottleneckSchema } from '../../../src/core/model/evidence.ts';
import { analyzeProfile, emptyAnalysis } from '../../../src/core/profile/analyze.ts';
import { tinyProfile } from '../profile/tiny-profile.ts';
import type { Stack } from '../profile/tiny-profile.ts';

/** What detectors get where no pass saw anything, but for what is given. */
export function emptyInput(change: Partial<DetectorInput> = {}): DetectorInput {
  return {
    attribution: emptyAnalysis(),
    runtime: null,
    load: { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
    cores: 4,
    metrics: [],
    sources: new Map(),
    ...change,
  };
}

/** A profile of these stacks. */
export function profiledInput(stacks: readonly Stack[], change: Partial<DetectorInput> = {}): DetectorInput {
  return emptyInput({ attribution: analyzeProfile(tinyProfile(stacks), ['/app']), ...change });
}

/** 100 functions of 1 % each: a service without a hot spot. */
export const FLAT: readonly Stack[] = Array.from({ length: 100 }, (_, index) => ({
  stack: `f${index}@/app/src/f${index}.js:1`,
  ms: 10,
}));

export const kindsOf = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

/** It has everything that a stored bottleneck needs. */
export function expectWhole(finding: Finding | undefined): void {
  const row = {
    id: 'b',
    run_id: 'r',
    baseline_id: null,
    workload: 'w',
    rank: 1,
    evidence_ids: [],
    created_at: '',
  };
  expect(bottleneckSchema.safeParse({ ...finding, ...row }).error).toBeUndefined();
  const [low, high] = finding?.share.interval ?? [1, 0];
  expect(low).toBeLessThanOrEqual(finding?.share.value ?? 0);
  expect(high).toBeGreaterThanOrEqual(finding?.share.value ?? 1);
}
