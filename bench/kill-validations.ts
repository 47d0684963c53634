import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../src/core/random.ts';
import { startRawServer, type RawServer } from '../test/support/raw-server.ts';

/** What the next server found after one kill. */
export interface AfterKill {
  readonly afterMs: number;
  /** What the run had come to, as it is told. */
  readonly progress: string;
  /** Of the run that was killed. */
  readonly state: string;
  /** Processes of the killed server when nobody had cleaned up yet. */
  readonly orphans: number;
  /** Left after the next server started: there must be none of any. */
  readonly processes: readonly string[];
  readonly checkouts: readonly string[];
  /** In the temporary directory that only these servers have. */
  readonly temporary: readonly string[];
  /** Whether history, and an experiment that ended before all kills, can still be read in full. */
  readonly isReadable: boolean;
}

/** Tens of milliseconds of work, so that a whole validation takes seconds: setup, tests and both sides are all there. */
const PROGRAM = 'let s = 0; for (let i = 0; i < ROUNDS; i++) s += Math.sqrt(i); if (s < 0) throw s;\n';
const GOALS = {
  workloads: [
    {
      name: 'work',
      kind: 'command',
      command: ['node', 'work.mjs'],
      setup: [['node', '-e', 'setTimeout(()=>{},100)']],
    },
  ],
  correctness: { test: ['node', '-e', 'setTimeout(()=>{},200)'] },
};

/**
 * Kills the server (SIGKILL, so that it cannot clean up) at seeded random moments of a validation, starts the next one on
 * the same project, and looks at what is left. Every moment of a whole validation is as likely as another.
 */
export async function killValidations(kills: number, seed: number): Promise<readonly AfterKill[]> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'deep-optimize-kills-')));
  const random = seededRandom(seed);
  let server: RawServer | undefined;
  try {
    const world = createWorld(home);
    server = await world.start();
    await server.call('define_goals', GOALS);
    await waitForRun(server, 'measure_baseline');
    world.change(0);
    const startedMs = performance.now();
    const finished = await waitForRun(server, 'validate_change');
    const wholeMs = performance.now() - startedMs;
    const experimentId = String(finished['experiment_id']);

    const found: AfterKill[] = [];
    for (let kill = 1; kill <= kills; kill++) {
      // A candidate of its own each time: what a kill interrupts must not look like a repeat.
      world.change(kill);
      const { data } = await server.call('validate_change', { effort: 'quick', wait_s: 0 });
      const runId = String(data['run_id']);
      const afterMs = random.next() * wholeMs;
      await sleep(afterMs);
      server.signal('SIGKILL');
      await server.ended;
      const orphans = world.processes().length;
      server = await world.start();
      found.push({
        afterMs,
        orphans,
        ...(await look(server, runId, experimentId)),
        ...world.leftOver(server.pid),
      });
    }
    return found;
  } finally {
    await server?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

function createWorld(home: string) {
  const project = join(home, 'project');
  const temporary = join(home, 'tmp');
  const env = {
    HOME: process.env['HOME'] ?? home,
    // Every process that a server starts has it: the mark by which they are found.
    PATH: `${process.env['PATH'] ?? ''}${delimiter}${home}`,
    DEEP_OPTIMIZE_HOME: join(home, 'state'),
    TMPDIR: temporary,
    // Which newer versions of Node.js keep there, for their next start.
    NODE_DISABLE_COMPILE_CACHE: '1',
  };
  const checkouts = join(home, 'state', 'cache', 'checkouts');
  mkdirSync(project);
  mkdirSync(temporary);
  const write = (rounds: number, comment: string) =>
    writeFileSync(join(project, 'work.mjs'), PROGRAM.replace('ROUNDS', String(rounds)) + comment);
  write(2_000_000, '');
  execFileSync('git', ['init', '-q', project]);
  const processes = (except?: number) =>
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== except && readProc(pid, 'environ').includes(home))
      .map((pid) => readProc(pid, 'cmdline').replaceAll('\0', ' ').trim())
      .filter((line) => line !== '');
  return {
    start: () => startRawServer({ cwd: project, env }),
    change: (n: number) => write(1_000_000, `// ${n}\n`),
    processes,
    leftOver: (server: number | undefined) => ({
      processes: processes(server),
      checkouts: !existsSync(checkouts)
        ? []
        : readdirSync(checkouts).flatMap((of) => readdirSync(join(checkouts, of))),
      temporary: readdirSync(temporary),
    }),
  };
}

async function waitForRun(server: RawServer, tool: string): Promise<Readonly<Record<string, unknown>>> {
  let { data, isError, text } = await server.call(tool, { effort: 'quick' });
  while (data['status'] === 'running')
    ({ data, isError, text } = await server.call('get_run', { run_id: data['run_id'] }));
  if (isError) throw new Error(`${tool} failed: ${text}`);
  return data;
}

async function look(server: RawServer, runId: string, experimentId: string) {
  const history = await server.call('get_history');
  const runs = history.data['runs'] as readonly {
    readonly id: string;
    readonly state: string;
    readonly progress: string;
  }[];
  const run = runs.find(({ id }) => id === runId);
  const { result } = await server.request('resources/read', {
    uri: `deep-optimize://experiments/${experimentId}`,
  });
  return {
    state: run?.state ?? 'lost',
    progress: run?.progress ?? '',
    isReadable: !history.isError && JSON.stringify(result ?? null).includes(experimentId),
  };
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return ''; // ended just now, or not ours to read
  }
}
