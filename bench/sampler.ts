import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcesses } from '../src/adapters/process/processes.ts';
import { median } from '../src/core/stats/index.ts';
import type { ManagedProcess } from '../src/core/ports/processes.ts';
import { RSS_POLL_MS } from '../src/loop/kinds/http/sample.ts';
import { rangeOf, type Bench } from './bench.ts';

const ROUNDS = 7;
const ROUND_MS = 4000;
const MAX_SHARE = 0.01;
/** Five processes, four of them Node.js with its eleven threads: a small service with workers. */
const TARGET = `
  const { spawn } = require('node:child_process');
  for (let i = 0; i < 3; i++) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  spawn('sleep', ['1000']);
  console.log('started');
  setInterval(() => {}, 1000);`;

export const sampler: Bench = {
  name: 'sampler',
  title: 'The sampler of process trees',
  method: `CPU of this process (user and system) while it looks every ${RSS_POLL_MS} ms at the CPU and memory of a target of five processes, less its CPU while it only waits; ${ROUNDS} rounds of ${ROUND_MS / 1000} s each, in turn. What a look costs grows with the target and, a little, with the other processes of the machine. It passes when the median share of a core does.`,
  run: async () => {
    const processes = createProcesses();
    let tell: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (tell = resolve));
    const target = processes.spawn({
      command: [process.execPath, '-e', TARGET],
      cwd: process.cwd(),
      env: { PATH: process.env['PATH'] ?? '', DEEP_OPTIMIZE_RUN: 'run_bench000' },
      onLine: () => tell(),
    });
    try {
      await started;
      const shares: number[] = [];
      const looks: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const idle = await shareOfCore(() => sleep(RSS_POLL_MS));
        const watching = await shareOfCore(() => lookAndSleep(target));
        shares.push((watching.share - idle.share) * 100);
        looks.push((watching.share - idle.share) * (ROUND_MS / watching.turns) * 1000);
      }
      const { pids } = await target.usage();
      return [
        {
          what: 'CPU of the sampler, of one core',
          value: `${median(shares).toFixed(2)} %`,
          spread: `${rangeOf(shares, 2)} %`,
          n: ROUNDS,
          target: `under ${MAX_SHARE * 100} %`,
          outcome: median(shares) < MAX_SHARE * 100 ? 'pass' : 'fail',
        },
        {
          what: `one look at ${pids.length} of ${countProcesses()} processes`,
          value: `${median(looks).toFixed(0)} us`,
          spread: `${rangeOf(looks, 0)} us`,
          n: ROUNDS,
        },
      ];
    } finally {
      await processes.killAll();
    }
  },
};

async function lookAndSleep(target: ManagedProcess): Promise<void> {
  await target.usage();
  await sleep(RSS_POLL_MS);
}

async function shareOfCore(turn: () => Promise<void>): Promise<{ share: number; turns: number }> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  let turns = 0;
  for (; performance.now() - startedMs < ROUND_MS; turns++) await turn();
  const { user, system } = process.cpuUsage(before);
  return { share: (user + system) / 1000 / (performance.now() - startedMs), turns };
}

function countProcesses(): number {
  return readdirSync('/proc').filter((name) => Number.isInteger(Number(name))).length;
}
