import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ComplexityFit, ScalabilityFit, Sweep } from '../src/core/model/sweep.ts';
import type { Bench, Figure } from './bench.ts';
import { connect, type Connection } from './example-project.ts';

const PROGRAMS = fileURLToPath(new URL('../test/fixtures/sweeps/programs', import.meta.url));
const CONNECTIONS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
/** Ten sizes over 2.7 decades; the quadratic function would take seconds at the largest. */
const SIZES = {
  quadratic: [50, 100, 200, 400, 800, 1600, 3200, 6400],
  linearithmic: [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000],
};
const LOCK_ABOVE = 0.2;
const FREE_BELOW = 0.05;

/** As the recordings have them: integers in random order, the same for the same size. */
const INPUTS = `
export function inputs(size) {
  let state = size >>> 0;
  return [[Array.from({ length: size }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 4)]];
}
`;

export const sweeps: Bench = {
  name: 'sweeps',
  title: 'What sweeps find, live',
  method: `The programs of test/fixtures/sweeps through an MCP client over stdio, effort \`standard\` (three fresh processes a point): a service with a global lock and one without over ${CONNECTIONS.length} numbers of connections, a quadratic and an n log n function over ${SIZES.quadratic.length} and ${SIZES.linearithmic.length} sizes.`,
  run: async () => {
    const home = await mkdtemp(join(tmpdir(), 'deep-optimize-bench-'));
    try {
      const directory = join(home, 'programs');
      await cp(PROGRAMS, directory, { recursive: true });
      await writeFile(join(directory, 'inputs.mjs'), INPUTS);
      const connection = await connect(directory, join(home, 'state'));
      try {
        return await measure(connection);
      } finally {
        await connection.close();
      }
    } finally {
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

async function measure(connection: Connection): Promise<readonly Figure[]> {
  const services = ['lock', 'free'].map((mode) => ({
    name: mode,
    kind: 'http',
    start: { command: ['node', 'service.mjs', mode] },
    requests: [{ path: '/' }],
    load: { rate_per_s: 20 },
  }));
  const functions = Object.entries(SIZES).map(([name, sizes]) => ({
    name,
    kind: 'function',
    module: 'functions.mjs',
    export: name,
    args: { module: 'inputs.mjs', export: 'inputs' },
    sizes,
  }));
  await connection.call('define_goals', { workloads: [...services, ...functions] });
  const sweepOf = async (workload: string, sweep: Record<string, unknown>): Promise<Sweep> =>
    (await connection.call('measure_baseline', { workload, effort: 'standard', sweep }))['sweep'] as Sweep;

  const lock = await sweepOf('lock', { over: 'connections', values: CONNECTIONS });
  const free = await sweepOf('free', { over: 'connections', values: CONNECTIONS });
  const quadratic = await sweepOf('quadratic', { over: 'size' });
  const linearithmic = await sweepOf('linearithmic', { over: 'size' });
  return [
    contentionFigure('service with a global lock', lock, (value) => value > LOCK_ABOVE, `over ${LOCK_ABOVE}`),
    contentionFigure('service without one', free, (value) => value < FREE_BELOW, `under ${FREE_BELOW}`),
    classFigure('quadratic function', quadratic, 'n^2'),
    classFigure('n log n function', linearithmic, 'n log n'),
  ];
}

function contentionFigure(
  what: string,
  sweep: Sweep,
  holds: (value: number) => boolean,
  target: string,
): Figure {
  const { fit } = sweep;
  if (fit.kind !== 'universal-scalability-law') return noFit(what, sweep);
  const { value, interval }: ScalabilityFit['contention'] = fit.contention;
  return {
    what: `${what}: contention`,
    value: value.toFixed(3),
    spread: `95 %: ${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}`,
    n: fit.samples,
    target,
    outcome: holds(value) ? 'pass' : 'fail',
  };
}

function classFigure(what: string, sweep: Sweep, wanted: ComplexityFit['class']): Figure {
  const { fit } = sweep;
  if (fit.kind !== 'complexity') return noFit(what, sweep);
  return {
    what,
    value: fit.label,
    spread: fit.settled ? 'settled' : 'not settled',
    n: fit.sizes,
    target: wanted,
    outcome: fit.class === wanted ? 'pass' : 'fail',
  };
}

function noFit(what: string, { fit, points }: Sweep): Figure {
  return {
    what,
    value: 'no fit',
    spread: fit.kind === 'none' ? fit.text : fit.kind,
    n: points.length,
    outcome: 'fail',
  };
}
