import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandWorkload } from '../../src/core/model/goals.ts';
import type { NativeRecording } from '../../src/core/ports/native-profiler.ts';
import { proposeStrategies } from '../../src/core/strategies/propose.ts';
import { findBottlenecks } from '../../src/loop/bottlenecks.ts';
import { renderDifference } from '../../src/render/difference-svg.ts';
import { renderFlamegraph } from '../../src/render/flamegraph-svg.ts';
import { renderTimeline } from '../../src/render/timeline-svg.ts';
import { createFakeWorld, fakeProject, fakeRun, GOALS, type FakeWorld } from '../support/fake-ports.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const recorded = (mode: string) =>
  readFileSync(new URL(`v8-cpuprofile/node-20/nested-loop.${mode}.cpuprofile`, FIXTURES), 'utf8');
const PY_SPY = readFileSync(new URL('imports/py-spy/0.4.2/raw.txt', FIXTURES), 'utf8');

const WORKLOAD: CommandWorkload = { name: 'build', kind: 'command', command: ['node', 'build.js'] };

async function look(world: FakeWorld, workload = WORKLOAD) {
  const goals = { workloads: [workload], objectives: [], constraints: [] };
  const project = await fakeProject(world, { goals, program: { cost: 1 } });
  const request = {
    goals,
    workload,
    baseline: undefined,
    effort: 'quick',
    draw: { flamegraph: renderFlamegraph, difference: renderDifference, timeline: renderTimeline },
  } as const;
  return await findBottlenecks(world.ports, project, request, fakeRun());
}

const codes = ({ warnings }: Awaited<ReturnType<typeof look>>) => warnings.map(({ code }) => code);

describe('a command of Node.js', () => {
  it('is profiled whole, twice over, in as many runs as the time of the effort holds', async () => {
    const world = createFakeWorld();
    let left = 0;
    world.settings.profilesOfRun = () => {
      left += 1;
      const mode = world.probes.at(-1) === 'attribution' ? 'attribution' : 'plain';
      return [{ pid: 100 + left, threadId: 0, content: recorded(mode) }];
    };
    const found = await look(world);
    const [first] = found.bottlenecks;
    expect(first).toMatchObject({
      workload: 'build',
      location: { function: 'joinOrders' },
      share: { of: 'busy CPU samples of the target' },
    });
    // There are no requests that could have a CPU time each.
    expect(first?.ceilings.map(({ metric }) => metric)).toEqual(['cpu_ms']);
    const [strategy] = proposeStrategies(found.bottlenecks, GOALS);
    expect(strategy?.ceiling?.metric).toBe('cpu_ms');
    // A run takes 120 ms of the 2.5 s of quick: more than the ten that are enough.
    expect(left).toBe(20);
    expect(found.evidence.map(({ kind, artifact_ids }) => [kind, artifact_ids.length])).toEqual([
      ['cpu-profile', 10],
      ['cpu-profile', 10],
    ]);
    expect(world.openProbes()).toBe(0);
    // Each thread would say it again.
    expect(codes(found)).toEqual(['no_baseline', 'profile_of_profiler']);
  });

  it('is given longer than it has when it is timed, and is no reason to stop when it takes it', async () => {
    const world = createFakeWorld();
    world.settings.profilesOfRun = () => [{ pid: 1, threadId: 0, content: recorded('plain') }];
    await look(world, { ...WORKLOAD, timeout_s: 10 });
    const limits = world.commandRuns.map(({ spec }) => spec.timeoutMs);
    expect(new Set(limits)).toEqual(new Set([10_000, 40_000]));
  });
});

describe('a command in another language', () => {
  const recording: NativeRecording = { producer: 'py-spy', content: PY_SPY, missing: null };

  it('is started by a sampler, after one try of a profile', async () => {
    const world = createFakeWorld();
    world.settings.sampleFromOutside = () => Promise.resolve(recording);
    const found = await look(world);
    expect(found.bottlenecks[0]?.location).toMatchObject({ function: 'join_orders' });
    expect(codes(found)).toEqual(['no_baseline', 'no_cpu_profile', 'sampled_from_outside']);
    const sampled = world.commandRuns.filter(({ spec }) => spec.command[0] === 'sampler');
    expect(sampled.map(({ spec }) => spec.command)).toEqual(Array(10).fill(['sampler', ...WORKLOAD.command]));
    // Runs are stacks of one profile.
    expect(found.input.attribution.totals.busySamples).toBeGreaterThan(1000);
    expect(world.probes.filter((probe) => probe === 'profile')).toHaveLength(1);
    expect(world.openProbes()).toBe(0);
  });

  it('without a sampler nothing is claimed, and what helps is said', async () => {
    const world = createFakeWorld();
    const found = await look(world);
    expect(found.bottlenecks).toEqual([]);
    expect(found.evidence).toEqual([]);
    expect(codes(found)).toEqual(['no_baseline', 'no_cpu_profile', 'not_sampled_from_outside']);
    expect(found.warnings.at(-1)?.fix).toBe('apt install linux-perf');
  });

  it('that fails under the sampler leaves nothing open', async () => {
    const world = createFakeWorld();
    world.settings.sampleFromOutside = () => Promise.resolve(recording);
    world.settings.commandRun = () =>
      world.commandRuns.at(-1)?.spec.command[0] === 'sampler' ? { exit: { code: 1, signal: null } } : {};
    await expect(look(world)).rejects.toMatchObject({ code: 'expectation_failed' });
    expect(world.openProbes()).toBe(0);
  });
});
