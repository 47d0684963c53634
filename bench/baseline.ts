import { setTimeout as sleep } from 'node:timers/promises';
import { loadavg } from 'node:os';
import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Bench, type Figure } from './bench.ts';
import { copyExample, readExampleGoals, type Connection } from './example-project.ts';

const EFFORTS = [
  { effort: 'quick', times: 3, maxS: 20 },
  { effort: 'standard', times: 2, maxS: 75 },
] as const;

/** Phases of a measurement have fixed lengths, but starts and stops are slower on a busy machine: wait this long, in s. */
const QUIET_WITHIN_S = 180;
const QUIET_LOAD = 1;

export const baseline: Bench = {
  name: 'baseline',
  title: 'A baseline of the example',
  method: `\`measure_baseline\` on a copy of examples/slow-api through an MCP client over stdio: from the call to the result. Each time waits for up to ${QUIET_WITHIN_S} s until the load average is below ${QUIET_LOAD}. It passes when the slowest does.`,
  run: async () => {
    const project = await copyExample();
    try {
      const connection = await project.connect();
      try {
        await connection.call('define_goals', await readExampleGoals(project.directory));
        const figures: Figure[] = [];
        for (const { effort, times, maxS } of EFFORTS) {
          const seconds: number[] = [];
          for (let i = 0; i < times; i++) seconds.push(await timeBaseline(connection, effort));
          figures.push({
            what: `${effort} effort`,
            value: `${median(seconds).toFixed(1)} s`,
            spread: `${rangeOf(seconds, 1)} s`,
            n: times,
            target: `under ${maxS} s`,
            outcome: Math.max(...seconds) < maxS ? 'pass' : 'fail',
          });
        }
        return figures;
      } finally {
        await connection.close();
      }
    } finally {
      await project.remove();
    }
  },
};

async function timeBaseline(connection: Connection, effort: string): Promise<number> {
  const giveUp = performance.now() + QUIET_WITHIN_S * 1000;
  while ((loadavg()[0] ?? 0) >= QUIET_LOAD && performance.now() < giveUp) await sleep(2000);
  const started = performance.now();
  const { status } = await connection.call('measure_baseline', { effort });
  if (status !== 'done') throw new Error(`measure_baseline ended as ${status}.`);
  return (performance.now() - started) / 1000;
}
