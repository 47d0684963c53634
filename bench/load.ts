import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createLoadGenerator } from '../src/adapters/load/load-generator.ts';
import { planCpus, readAllowedCpus } from '../src/adapters/machine/cpu-plan.ts';
import { createProcesses } from '../src/adapters/process/processes.ts';
import { seededRandom } from '../src/core/random.ts';
import { median, medianInterval } from '../src/core/stats/index.ts';
import { judge, rangeOf, type Bench, type Figure } from './bench.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SEED = 20_261_125;
const CONFIDENCE = 0.95;
const MIB = 2 ** 20;

const OPEN_LOOP = { processes: 6, ratePerS: 2_000, durationMs: 3_000, maxLatenessMs: 5 };
/** The command takes whole seconds. With 10 the interval of a median runs from the 2nd to the 9th value (97.9 %). */
const CLOSED_LOOP = { blocks: 10, connections: 16, seconds: 2, minShare: 0.9 };
const SUMMARY = { processes: 10, maxMs: 200, maxMib: 50 };

export const load: Bench = {
  name: 'load',
  title: 'Load generators',
  method: `Against a node:http server that does nothing (dist/ceiling-server.js), generator and server pinned to different cores where the platform can. Open loop: ${OPEN_LOOP.processes} processes at ${OPEN_LOOP.ratePerS} requests a second for ${OPEN_LOOP.durationMs / 1_000} s; it passes when the latest process does. Closed loop: ${CLOSED_LOOP.blocks} blocks of ours and of autocannon's own command, each for ${CLOSED_LOOP.seconds} s with ${CLOSED_LOOP.connections} connections in random order (seed ${SEED}) against the same server; the ratio is a median over the blocks with the ${CONFIDENCE * 100} % interval of order statistics. Summary: a million latencies recorded and then summarized in ${SUMMARY.processes} fresh processes; memory is the peak above that of the process before; it passes when the largest does.`,
  run: async () => {
    const server = await startServer();
    try {
      return [
        ...(await measureOpenLoop(server)),
        ...(await measureClosedLoop(server)),
        ...(await measureSummary()),
      ];
    } finally {
      await server.stop();
    }
  },
};

interface Server {
  readonly origin: string;
  stop(): Promise<void>;
}

const processes = createProcesses();
const cpus = planCpus(readAllowedCpus());
const onGenerator = cpus === undefined ? {} : { cpus: cpus.generator };
const generator = createLoadGenerator({
  processes,
  closedLoopFile: join(ROOT, 'dist/closed-loop.js'),
  openLoopFile: join(ROOT, 'dist/open-loop.js'),
  answersFile: '',
  ceilingServerFile: join(ROOT, 'dist/ceiling-server.js'),
});
const REQUEST = { name: 'nothing', method: 'GET', path: '/', headers: {}, weight: 1, expect: {} };
const PLAN = { requests: [REQUEST], seed: SEED, runId: 'bench', ...onGenerator };
const { signal } = new AbortController();

async function startServer(): Promise<Server> {
  let tell: (port: string) => void = () => undefined;
  const port = new Promise<string>((resolve) => (tell = resolve));
  const child = processes.spawn({
    command: [process.execPath, join(ROOT, 'dist/ceiling-server.js')],
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '' },
    onLine: (line) => tell(line),
    ...(cpus === undefined ? {} : { cpus: cpus.target }),
  });
  return { origin: `http://127.0.0.1:${await port}`, stop: () => child.kill() };
}

async function measureOpenLoop({ origin }: Server): Promise<readonly Figure[]> {
  const lateness: number[] = [];
  const shares: number[] = [];
  for (let n = 0; n < OPEN_LOOP.processes; n++) {
    const { ratePerS, durationMs } = OPEN_LOOP;
    const result = await generator.openLoop(
      { ...PLAN, origin, ratePerS, durationMs, maxInFlight: 1_000 },
      signal,
    );
    lateness.push(result.generator.latenessP99Ms);
    shares.push(result.generator.cpuShare * 100);
  }
  const what = `open loop at ${OPEN_LOOP.ratePerS}/s`;
  return [
    {
      what: `${what}: send lateness p99`,
      value: `${median(lateness).toFixed(2)} ms`,
      spread: `${rangeOf(lateness, 2)} ms`,
      n: lateness.length,
      target: `under ${OPEN_LOOP.maxLatenessMs} ms`,
      outcome: Math.max(...lateness) < OPEN_LOOP.maxLatenessMs ? 'pass' : 'fail',
    },
    {
      what: `${what}: own CPU`,
      value: `${median(shares).toFixed(0)} % of a core`,
      spread: `${rangeOf(shares, 0)} %`,
      n: shares.length,
    },
  ];
}

async function measureClosedLoop(server: Server): Promise<readonly Figure[]> {
  const random = seededRandom(SEED);
  const values: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  const sides = { ours: () => runOurs(server), theirs: () => runCommand(server) };
  for (let block = 0; block < CLOSED_LOOP.blocks; block++) {
    for (const side of random.shuffle(['ours', 'theirs'] as const)) values[side].push(await sides[side]());
  }
  const ratios = values.ours.map((rps, block) => rps / (values.theirs[block] ?? NaN));
  const { interval } = medianInterval(ratios, CONFIDENCE);
  const figureOf = (what: string, rates: readonly number[]): Figure => ({
    what,
    value: `${median(rates).toFixed(0)} rps`,
    spread: `${rangeOf(rates, 0)} rps`,
    n: rates.length,
  });
  return [
    figureOf('closed loop', values.ours),
    figureOf("autocannon's command", values.theirs),
    {
      what: "closed loop / autocannon's command",
      value: `${median(ratios).toFixed(2)}x`,
      spread: interval === null ? 'no interval' : `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`,
      n: ratios.length,
      target: `at least ${CLOSED_LOOP.minShare}x`,
      // Seen from below: what is lost must be at most a tenth.
      outcome: interval === null ? 'open' : judge([-interval[1], -interval[0]], -CLOSED_LOOP.minShare),
    },
  ];
}

async function runOurs({ origin }: Server): Promise<number> {
  const { connections, seconds } = CLOSED_LOOP;
  const result = await generator.closedLoop(
    { ...PLAN, origin, connections, durationMs: seconds * 1_000 },
    signal,
  );
  return result.answered / seconds;
}

async function runCommand({ origin }: Server): Promise<number> {
  const { connections, seconds } = CLOSED_LOOP;
  const file = join(ROOT, 'node_modules/autocannon/autocannon.js');
  const options = ['--json', '--connections', String(connections), '--duration', String(seconds), origin];
  const { stdout } = await processes.run(
    {
      command: [process.execPath, file, ...options],
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '' },
      ...onGenerator,
    },
    { timeoutMs: 60_000 },
  );
  const { requests, duration } = JSON.parse(stdout) as { requests: { total: number }; duration: number };
  return requests.total / duration;
}

async function measureSummary(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'deep-optimize-bench-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
    const file = join(folder, 'summarize.mjs');
    await build({
      entryPoints: [join(ROOT, 'bench/fixtures/summarize-latencies.ts')],
      outfile: file,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      logLevel: 'warning',
    });
    const costs: { readonly ms: number; readonly bytes: number }[] = [];
    for (let n = 0; n < SUMMARY.processes; n++) costs.push(await summarizeOnce(file));
    const times = costs.map(({ ms }) => ms);
    const sizes = costs.map(({ bytes }) => bytes / MIB);
    return [
      {
        what: 'a million latencies summarized',
        value: `${median(times).toFixed(0)} ms`,
        spread: `${rangeOf(times, 0)} ms`,
        n: times.length,
        target: `under ${SUMMARY.maxMs} ms`,
        outcome: Math.max(...times) < SUMMARY.maxMs ? 'pass' : 'fail',
      },
      {
        what: 'memory for them, recorded and summarized',
        value: `${median(sizes).toFixed(1)} MiB`,
        spread: `${rangeOf(sizes, 1)} MiB`,
        n: sizes.length,
        target: `under ${SUMMARY.maxMib} MiB`,
        outcome: Math.max(...sizes) < SUMMARY.maxMib ? 'pass' : 'fail',
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function summarizeOnce(file: string): Promise<{ readonly ms: number; readonly bytes: number }> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  return JSON.parse(text) as { ms: number; bytes: number };
}
