import { describe, expect, it } from 'vitest';
import type { Goals } from '../../src/core/model/goals.ts';
import { renderDecision } from '../../src/render/decision.ts';
import { GOALS, WORKLOAD } from '../support/fake-ports.ts';
import { withBaseline } from '../support/validation.ts';

const MIB = 2 ** 20;
const workload = { ...WORKLOAD, bundle: ['dist'] };
const goals: Goals = {
  ...GOALS,
  constraints: [
    { name: 'bundle', kind: 'quota', workload: 'list-posts', metric: 'bundle_bytes', max: 60_000 },
    { name: 'memory', kind: 'hardware', metric: 'rss_peak_bytes', max: 100.5 * MIB },
    { name: 'start', kind: 'other', metric: 'startup_ms', max: 10_000 },
    { name: 'elsewhere', kind: 'hardware', workload: 'search', metric: 'gc_share', max: 0 },
  ],
};

describe('constraints that are numbers', () => {
  it('are guardrails: start-up time and bundle size are measured on both sides and judged', async () => {
    const { baseline, validate } = await withBaseline({ goals, workload });
    expect(baseline.estimates.bundle_bytes?.value).toBe(50_000);
    const experiment = await validate({ cost: 0.5, bundleBytes: 52_000 });
    const of = (metric: string) => experiment.comparisons.find((one) => one.metric === metric);
    expect(of('bundle_bytes')).toMatchObject({ role: 'guardrail', verdict: 'regressed', candidate: 52_000 });
    expect(of('bundle_bytes')?.change).toBeCloseTo(0.04, 6);
    expect(of('startup_ms')).toMatchObject({ role: 'guardrail' });
    expect(experiment.reason).toContain('guardrail regressed: bundle size');
    expect(experiment.warnings.map(({ code }) => code)).not.toContain('constraint_broken');
  });

  it('have limits: one that the candidate breaks is said by name, though the change is below the minimum effect', async () => {
    const { world, validate } = await withBaseline({ goals, workload });
    world.settings.noise = 0.0001;
    const experiment = await validate({ cost: 0.5, rssBytes: 100.8 * MIB });
    expect(experiment.comparisons.find(({ metric }) => metric === 'rss_peak_bytes')?.verdict).not.toBe(
      'regressed',
    );
    const limits = experiment.objectives.filter(({ status }) => status.constraint === 'memory');
    expect(limits.map(({ side, status }) => [side, status.status])).toEqual([
      ['baseline', 'met'],
      ['candidate', 'missed'],
    ]);
    const broken = experiment.warnings.find(({ code }) => code === 'constraint_broken');
    expect(broken?.message).toMatch(
      /"memory": peak RSS \(bytes\) is \d+, and at most 105400000 is allowed\.$/,
    );
    const file = renderDecision('0001', experiment, {
      title: 'Keep less',
      kind: 'keep',
      rationale: 'Faster.',
      created_at: '2026-11-25T10:00:00.000Z',
    });
    expect(file).toContain('- Decision: **keep** though constraint memory is broken\n');
    expect(file).toMatch(/constraint memory: peak RSS ≤ \S+ MiB +\| met \(.*\| missed \(/);
    expect(experiment.objectives.some(({ status }) => status.constraint === 'elsewhere')).toBe(false);
  });

  it('that the baseline broke already are said to be that', async () => {
    const { validate } = await withBaseline({ goals, workload, program: { cost: 1, bundleBytes: 70_000 } });
    const experiment = await validate({ cost: 0.5, bundleBytes: 70_000 });
    expect(experiment.warnings.find(({ code }) => code === 'constraint_broken')?.message).toMatch(
      /bundle size \(bytes\) is 70000, and at most 60000 is allowed; the baseline broke it too\.$/,
    );
  });
});
