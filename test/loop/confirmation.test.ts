import { describe, expect, it } from 'vitest';
import { describeVerdict } from '../../src/render/experiment.ts';
import { withBaseline } from '../support/validation.ts';

describe('a gain of one of several candidates', () => {
  it('is measured again on new seeds, and both runs are kept', async () => {
    const { world, project, validate } = await withBaseline();
    const before = await validate({ cost: 1.01 });
    expect(before.attempt_of_baseline).toBe(1);
    const seen = world.starts.length;
    const seeds = new Set(world.loads.map(({ seed }) => seed));
    const experiment = await validate({ cost: 0.8 });
    expect(experiment).toMatchObject({
      verdict: 'improved',
      attempt: 1,
      attempt_of_baseline: 2,
      confirmation: { agrees: true, first_block: experiment.blocks, primary: { verdict: 'improved' } },
    });
    const fresh = experiment.confirmation?.blocks ?? 0;
    expect(fresh).toBeGreaterThanOrEqual(8);
    expect(experiment.confirmation?.seed).not.toBe(experiment.seed);
    expect(world.starts.length - seen).toBe(2 * (experiment.blocks + fresh));
    const samples = await project.store.experiments.samples(experiment.id);
    expect(samples).toHaveLength(2 * (experiment.blocks + fresh));
    expect(new Set(samples.map(({ block }) => block)).size).toBe(experiment.blocks + fresh);
    // Both runs saw requests of their own.
    const later = world.loads.slice(-2 * fresh).map(({ seed }) => seed);
    expect(later.filter((seed) => seeds.has(seed))).toEqual([]);
    expect(describeVerdict(experiment)).toMatch(/over \d+ blocks, and again .* over \d+ fresh ones\./);
  });

  it('is taken back when it does not show again', async () => {
    const { world, validate } = await withBaseline();
    await validate({ cost: 1.01 });
    const begin = 6 + world.starts.length; // the baseline's six are not among them
    // The gain of the first blocks was luck: from the fresh run on nothing is left of it.
    world.settings.costOf = (slot, index, cost) => (slot === 'b' && index >= begin + 24 ? 1 : cost);
    const experiment = await validate({ cost: 0.8 });
    expect(experiment.blocks).toBe(12);
    expect(experiment).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('attempt 2 against one baseline') as string,
      confirmation: { agrees: false },
    });
    expect(describeVerdict(experiment)).toContain('attempt 2 against one baseline');
  });

  it('is not asked of a first candidate, nor of a repeat of it, nor of a change that gains nothing', async () => {
    const { validate } = await withBaseline();
    expect((await validate({ cost: 0.8 })).confirmation).toBeNull();
    const repeat = await validate({ cost: 0.8 });
    expect(repeat).toMatchObject({ attempt: 2, attempt_of_baseline: 2, confirmation: null });
    expect((await validate({ cost: 1.2 })).confirmation).toBeNull();
  });
});
