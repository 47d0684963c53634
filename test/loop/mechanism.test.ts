import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../src/core/detectors/index.ts';
import type { Bottleneck } from '../../src/core/model/evidence.ts';
import { describeVerdict } from '../../src/render/experiment.ts';
import { aBottleneck } from '../support/records.ts';
import { withBaseline } from '../support/validation.ts';
import { recordedInput } from '../core/detectors/recorded.ts';

/** What find_bottlenecks would have named in the program of the fakes. */
function blamed(change: Partial<Bottleneck> = {}): Bottleneck {
  const [finding] = detectBottlenecks({ ...recordedInput('json-heavy'), sources: new Map() });
  return aBottleneck({ ...finding, id: 'bott_1', workload: 'list-posts', ...change });
}

describe('did the blamed cost shrink', () => {
  it('is looked at once on each side, after the timing, and told with the verdict', async () => {
    const { world, project, validate } = await withBaseline();
    const bottleneck = blamed();
    const cost = 1 - bottleneck.share.value;
    const experiment = await validate({ cost, profile: 'nested-loop' }, { bottleneck });
    expect(experiment.mechanism).toMatchObject({
      status: 'confirmed',
      blamed: bottleneck.location.function,
      candidate: { value: 0 },
    });
    expect(experiment.mechanism?.baseline?.value).toBeCloseTo(bottleneck.share.value, 2);
    expect(experiment.bottleneck_id).toBe('bott_1');
    expect(describeVerdict(experiment)).toMatch(
      /Mechanism confirmed: \S+ \d+ % → 0 % of busy CPU; tests pass\./,
    );
    expect(world.probes.slice(-2)).toEqual(['attribution', 'attribution']);
    expect(world.probes.slice(0, -2)).not.toContain('attribution');
    expect(world.starts.slice(-2).map(({ slot }) => slot)).toEqual(['a', 'b']);
    for (const id of Object.values(experiment.mechanism?.profiles ?? {}))
      expect(await project.store.artifacts.get(id ?? '')).toMatchObject({ kind: 'cpu-profile' });
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
  });

  it('is no when the gain came from elsewhere', async () => {
    const { validate } = await withBaseline();
    // The same profile at less CPU: the blamed cost only shrank with everything else.
    const experiment = await validate({ cost: 0.98, profile: 'json-heavy' }, { bottleneck: blamed() });
    expect(experiment.mechanism?.status).toBe('not_confirmed');
  });

  it('keeps what the finding allowed at most beside what came', async () => {
    const { validate } = await withBaseline();
    const ceilings = [
      {
        metric: 'latency_p95_ms',
        gain: 0.5,
        interval: [0.45, 0.55] as [number, number],
        assumes: 'it vanishes',
      },
    ];
    const experiment = await validate({ cost: 0.8 }, { bottleneck: blamed({ ceilings }) });
    expect(experiment.prediction).toMatchObject({ metric: 'latency_p95_ms', ceiling: 0.5 });
    expect(experiment.prediction?.observed).toBeCloseTo(0.2, 1);
  });

  it.each([
    ['another workload', blamed({ workload: 'other' }), 'the finding is of workload "other"'],
    [
      'a cost that is not CPU time',
      blamed({ kind: 'event-loop-blocked' }),
      'a CPU profile does not show what "event-loop-blocked" blames',
    ],
    [
      'a function without a name',
      blamed({ location: { file: 'json-heavy.mjs', function: '(anonymous)' } }),
      'the blamed place has no name by which it could be found again',
    ],
  ])('says that it did not look: %s', async (_case, bottleneck, reason) => {
    const { validate } = await withBaseline();
    const experiment = await validate({ cost: 0.8 }, { bottleneck });
    expect(experiment.mechanism).toMatchObject({ status: 'not_checked', reason });
    expect(experiment.verdict).toBe('improved');
  });

  it('costs the check and not the verdict when a side cannot be profiled', async () => {
    const { world, validate } = await withBaseline();
    world.settings.failProfile = true;
    const experiment = await validate({ cost: 0.8 }, { bottleneck: blamed() });
    expect(experiment).toMatchObject({
      verdict: 'improved',
      mechanism: { status: 'not_checked', reason: expect.stringContaining('gave a profile') as string },
    });
    expect(world.runningTargets()).toBe(0);
  });

  it('is not asked where nothing was blamed or nothing was timed', async () => {
    const { world, validate } = await withBaseline();
    expect((await validate({ cost: 0.8 })).mechanism).toBeNull();
    const broken = await validate({ cost: 0.7, tests: 'fail' }, { bottleneck: blamed() });
    expect(broken.mechanism).toBeNull();
    expect(world.probes).not.toContain('attribution');
  });
});
