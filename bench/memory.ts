import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Bench } from './bench.ts';
import { buildServers } from './server-builds.ts';
import { measureMemory } from './server-process.ts';

const PROCESSES = 10;
const MAX_MIB = 90;
const MIB = 2 ** 20;

export const memory: Bench = {
  name: 'memory',
  title: 'Memory after tools/list',
  method: `Resident memory (VmRSS of /proc) of ${PROCESSES} fresh processes each, read when the answer to \`tools/list\` has come. It passes when the largest value does.`,
  run: async () => {
    const builds = await buildServers();
    try {
      const ours = await measureMany(builds.ours);
      const bare = await measureMany(builds.bare);
      return [
        {
          ...figureOf('deep-optimize', ours),
          target: `under ${MAX_MIB} MiB`,
          outcome: Math.max(...ours) < MAX_MIB ? 'pass' : 'fail',
        },
        figureOf('bare SDK server (one tool)', bare),
      ];
    } finally {
      await builds.remove();
    }
  },
};

async function measureMany(file: string): Promise<readonly number[]> {
  const values: number[] = [];
  for (let i = 0; i < PROCESSES; i++) values.push((await measureMemory(file)) / MIB);
  return values;
}

function figureOf(what: string, values: readonly number[]) {
  return {
    what,
    value: `${median(values).toFixed(1)} MiB`,
    spread: `${rangeOf(values, 1)} MiB`,
    n: values.length,
  };
}
