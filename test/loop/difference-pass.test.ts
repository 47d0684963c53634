import { describe, expect, it } from 'vitest';
import { findBottlenecks } from '../../src/loop/bottlenecks.ts';
import { renderDifference } from '../../src/render/difference-svg.ts';
import { renderFlamegraph } from '../../src/render/flamegraph-svg.ts';
import { renderTimeline } from '../../src/render/timeline-svg.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  writeProgram,
} from '../support/fake-ports.ts';

describe('a second look at a workload', () => {
  it('comes with a picture of what changed since the first', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const look = async (id: string) =>
      await findBottlenecks(
        world.ports,
        project,
        {
          goals: GOALS,
          workload: WORKLOAD,
          baseline: undefined,
          effort: 'quick',
          draw: { flamegraph: renderFlamegraph, difference: renderDifference, timeline: renderTimeline },
        },
        { ...fakeRun(), id },
      );
    writeProgram(project.directory, { cost: 1, profile: 'nested-loop' });
    const first = await look('run_one');
    expect(first.pictures.filter(({ title }) => title.startsWith('Difference'))).toEqual([]);

    writeProgram(project.directory, { cost: 1, profile: 'json-heavy' });
    const second = await look('run_two');
    const [picture, ...more] = second.pictures.filter(({ title }) => title.startsWith('Difference'));
    expect(more).toEqual([]);
    if (picture === undefined) throw new Error('no picture of the difference');
    const attribution = second.evidence.find(({ title }) => title === 'CPU profile, inlining off');
    expect(attribution?.pictures).toContain(picture.id);
    const svg = new TextDecoder().decode(await project.store.artifacts.read(picture.id));
    expect(svg).toContain('renderCatalogue');
    expect(svg).toMatch(/gone: joinOrders/);
  });
});
