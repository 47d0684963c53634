import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EFFORTS } from '../../src/core/efforts.ts';
import type { NativeRecording } from '../../src/core/ports/native-profiler.ts';
import { emptyAnalysis } from '../../src/core/profile/analyze.ts';
import { measurerOf } from '../../src/loop/kinds/index.ts';
import { prepareCheckout } from '../../src/loop/measure/prepare.ts';
import type { PassContext } from '../../src/loop/passes/index.ts';
import { nativePass } from '../../src/loop/passes/native.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  writeProgram,
} from '../support/fake-ports.ts';

const fixtures = new URL('../fixtures/imports/', import.meta.url);
const PERF = readFileSync(new URL('perf/6.1/node-20.txt', fixtures), 'utf8');
const PY_SPY = readFileSync(new URL('py-spy/0.4.2/raw.txt', fixtures), 'utf8');

async function setUp(recording?: NativeRecording) {
  const world = createFakeWorld();
  const project = await fakeProject(world);
  writeProgram(project.directory, { cost: 1 });
  const asked: { readonly pids: readonly number[]; readonly durationMs: number }[] = [];
  if (recording !== undefined) {
    world.settings.sampleFromOutside = ({ pids, durationMs }) => {
      asked.push({ pids, durationMs });
      return Promise.resolve(recording);
    };
  }
  const run = fakeRun();
  const load = { kind: 'http', connections: 1, rate_per_s: 1, rate_from: 'workload' } as const;
  const snapshot = await project.snapshots.take();
  const checkout = await prepareCheckout(world.ports, project, {
    snapshot,
    workload: WORKLOAD,
    runId: run.id,
    slot: 'a',
    signal: run.signal,
  });
  const context: PassContext = {
    ports: world.ports,
    project,
    run,
    goals: GOALS,
    workload: WORKLOAD,
    measurer: measurerOf(WORKLOAD),
    baseline: undefined,
    effort: 'standard',
    snapshot,
    load,
    sample: {
      runId: run.id,
      directory: checkout.directory,
      projectDirectory: project.directory,
      plan: EFFORTS.standard,
      signal: run.signal,
      load,
      seed: 1,
    },
    draw: { flamegraph: () => '<svg/>', difference: () => '', timeline: () => '' },
  };
  return { world, context, asked };
}

describe('sampling from outside', () => {
  it('is the CPU profile of a program that gave none of its own, and says so', async () => {
    const { world, context, asked } = await setUp({ producer: 'py-spy', content: PY_SPY, missing: null });
    expect(nativePass.applies(context, {})).toBe(true);
    const { facts, evidence, pictures, warnings } = await nativePass.run(context, {});
    expect(facts.attribution?.totals.busySamples).toBeGreaterThan(30);
    expect(facts.attribution?.functions[0]?.frame.kind).toBe('js');
    expect(evidence).toMatchObject([{ kind: 'cpu-profile', title: 'CPU profile from outside, by py-spy' }]);
    expect(pictures?.map(({ kind }) => kind)).toContain('flamegraph-svg');
    expect(warnings?.map(({ code }) => code)).toContain('sampled_from_outside');
    expect(asked).toEqual([{ pids: [4711], durationMs: EFFORTS.standard.profileMs }]);
    expect(world.probes).toEqual(['native']);
    expect(world.runningTargets()).toBe(0);
  });

  it('stands beside the profile of V8 where there is one, in place of nothing', async () => {
    const { context } = await setUp({ producer: 'perf', content: PERF, missing: null });
    const attribution = emptyAnalysis();
    const { facts, evidence } = await nativePass.run(context, { attribution });
    expect(Object.keys(facts)).toEqual(['native']);
    expect(evidence).toHaveLength(1);
  });

  it('is taken of Node.js when asked to be thorough, or when much of the time has no name', async () => {
    const { context } = await setUp();
    const attribution = emptyAnalysis();
    const unnamed = { ...attribution, coverage: { ...attribution.coverage, native: 0.2, program: 0.2 } };
    expect(nativePass.applies(context, { attribution })).toBe(false);
    expect(nativePass.applies(context, { attribution: unnamed })).toBe(true);
    expect(nativePass.applies({ ...context, effort: 'thorough' }, { attribution })).toBe(true);
  });

  it('without a sampler is a warning with what helps, and nothing is left running', async () => {
    const { world, context } = await setUp();
    const { facts, warnings } = await nativePass.run(context, {});
    expect(facts).toEqual({});
    expect(warnings).toMatchObject([{ code: 'not_sampled_from_outside', fix: 'apt install linux-perf' }]);
    expect(world.runningTargets()).toBe(0);
  });

  it('of a program that slept is a warning too', async () => {
    const { context } = await setUp({ producer: 'perf', content: '', missing: null });
    const { facts, warnings } = await nativePass.run(context, {});
    expect(facts).toEqual({});
    expect(warnings?.map(({ code }) => code)).toEqual(['not_sampled_from_outside']);
  });

  it('says which names are missing', async () => {
    const missing = { message: 'Functions of Python have no names here.', fix: 'pip install py-spy' };
    const { context } = await setUp({ producer: 'perf', content: PERF, missing });
    const { warnings } = await nativePass.run(context, {});
    expect(warnings).toContainEqual({ code: 'sampled_without_names', ...missing });
  });
});
