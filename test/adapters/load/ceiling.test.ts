import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import type { Processes, ProcessSpec } from '../../../src/core/ports/processes.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

let children: BundledChildren;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', ['child-closed-loop', 'child-ceiling-server']);
});
afterAll(() => children.remove());

/** Real processes, what was started, what they were told, and how many still run. */
function spy() {
  const real = createSimpleProcesses();
  const specs: ProcessSpec[] = [];
  let running = 0;
  let told = '';
  async function* hear(input: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const piece of input) {
      told += piece;
      yield piece;
    }
  }
  const processes: Processes = {
    ...real,
    spawn: (spec) => {
      specs.push(spec);
      running += 1;
      const { input } = spec;
      const child = real.spawn(typeof input === 'object' ? { ...spec, input: hear(input) } : spec);
      void child.exited.then(() => (running -= 1));
      return child;
    },
  };
  return { processes, specs, told: () => told, running: () => running };
}

function generatorOf(processes: Processes, ceilingServer = children.file('child-ceiling-server')) {
  return createLoadGenerator({
    processes,
    closedLoopFile: children.file('child-closed-loop'),
    openLoopFile: '',
    answersFile: '',
    ceilingServerFile: ceilingServer,
  });
}

const REQUEST = { connections: 4, journeys: false, runId: 'run-test' };

describe.concurrent('ceiling of the closed loop', () => {
  it('is far above what a slow server allows, and is measured once', async () => {
    const { processes, specs, running } = spy();
    const load = generatorOf(processes);
    const { signal } = new AbortController();
    const cpus = { generator: [0], target: [0] };
    const [ceiling, same] = await Promise.all([
      load.ceiling({ ...REQUEST, cpus }, signal),
      load.ceiling({ ...REQUEST, cpus, runId: 'run-other' }, signal),
    ]);
    expect(same).toBe(ceiling);
    expect(specs).toHaveLength(2);
    expect(specs.map((spec) => spec.cpus)).toEqual([[0], [0]]);
    expect(running()).toBe(0);
    expect(ceiling.generatorCpuShare).toBeGreaterThan(0);

    const { origin, stop } = await startFixtureServer('delayed');
    try {
      const request = { name: 'page', method: 'GET', path: '/', headers: {}, weight: 1, expect: {} };
      const plan = {
        origin,
        requests: [request],
        durationMs: 500,
        seed: 1,
        runId: 'run-test',
        connections: 4,
      };
      const slow = await load.closedLoop(plan, signal);
      expect(ceiling.requestsPerS).toBeGreaterThan(3 * ((slow.answered / slow.durationMs) * 1_000));
    } finally {
      await stop();
    }
  });

  it('of journeys is another one', async () => {
    const { processes, told } = spy();
    const load = generatorOf(processes);
    const ceiling = await load.ceiling({ ...REQUEST, journeys: true }, new AbortController().signal);
    expect(ceiling.requestsPerS).toBeGreaterThan(100);
    expect(told()).toContain('"journeys":[');
  });

  it('is measured again after a failure, which is told', async () => {
    const { processes, specs } = spy();
    const load = generatorOf(processes, '/nowhere/server.mjs');
    const { signal } = new AbortController();
    for (const times of [1, 2]) {
      await expect(load.ceiling(REQUEST, signal)).rejects.toMatchObject({
        code: 'generator_failed',
        output: expect.stringContaining('/nowhere/server.mjs') as string,
      });
      expect(specs).toHaveLength(times);
    }
  });
});
