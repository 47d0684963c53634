import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataFiles } from '../../src/adapters/data/create-data-files.ts';
import { createProjects } from '../../src/adapters/project/create-projects.ts';
import { openStore } from '../../src/adapters/store/open-store.ts';
import { prepareStateDirectory } from '../../src/adapters/store/state-directory.ts';
import type { Behaviour, ObservationScope, Tree } from '../../src/core/behaviour/model.ts';
import { EnvironmentError, TargetError } from '../../src/core/errors.ts';
import type { Argv, Goals, HttpWorkload } from '../../src/core/model/goals.ts';
import type { FunctionMeasurement, FunctionMeasurementPlan } from '../../src/core/ports/bench.ts';
import type { Fingerprint, Snapshot } from '../../src/core/model/measurement.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { CommandRun, CommandRunSpec, StartOverhead } from '../../src/core/ports/command-runs.ts';
import type { Ports } from '../../src/core/ports/index.ts';
import type {
  ClosedLoopPlan,
  LatencySummary,
  LoadPlan,
  LoadResult,
  OpenLoopPlan,
} from '../../src/core/ports/load.ts';
import type { Databases } from '../../src/core/ports/databases.ts';
import type { LockHolder } from '../../src/core/ports/machine.ts';
import type { NativeRecording, NativeRecordingRequest } from '../../src/core/ports/native-profiler.ts';
import type { Project } from '../../src/core/ports/project.ts';
import type { CommandResult, ProcessExit } from '../../src/core/ports/processes.ts';
import type { Checkouts, Snapshots } from '../../src/core/ports/snapshots.ts';
import type { QueryMeasurement, QueryPlan } from '../../src/core/ports/queries.ts';
import type { RuntimeWindow, Target, TargetSpec, ThreadProfile } from '../../src/core/ports/target.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { TracerFile } from '../../src/core/trace/tracer-file.ts';
import { HISTORY_FILE, STATE_DIRECTORY } from '../../src/core/state-layout.ts';
import type { RunHandle, RunProgress } from '../../src/loop/runs.ts';
import { normal } from '../core/stats/noise.ts';
import { machine as fingerprint } from './records.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/**
 * The loop's surroundings without processes and without waiting: a program is a file that says how fast it is, load is
 * arithmetic with seeded noise, and time passes only while load is applied. Store and files are the real ones, in a
 * temporary directory.
 */

/** What `service.json` of the working tree says: the code under measurement. */
export interface Program {
  /** 1 = 2 ms of CPU and 10 ms of latency a request. */
  readonly cost: number;
  readonly rssBytes?: number;
  readonly bundleBytes?: number;
  /** Share of requests that are answered wrongly. */
  readonly failedShare?: number;
  readonly tests?: 'pass' | 'fail' | 'hang';
  readonly setup?: 'pass' | 'fail';
  /** Share of a request that waits for its turn: connections beyond one add that much less (Amdahl). */
  readonly serialShare?: number;
  /** Latency grows with the rate, as in a queue. */
  readonly queues?: boolean;
  /** Ends with exit code 7 as soon as load comes. */
  readonly dies?: boolean;
  /** A function of it sorts its arguments in place, say. */
  readonly changesInputs?: boolean;
  /** The recorded program that a profile of it shows; default json-heavy. */
  readonly profile?: 'json-heavy' | 'nested-loop';
  /** Part of the code that changes nothing that is measured. */
  readonly comment?: string;
  /** What it answers, returns or prints, whatever it is asked. Default: "ok". */
  readonly answer?: Tree;
  /** It answers something else each time: after the answer stands how often it was looked at. */
  readonly restless?: boolean;
  /** As restless, in all that it answers. */
  readonly shapeless?: boolean;
  /** A command keeps its result in a file; with one there it costs a tenth. */
  readonly keepsResult?: boolean;
  /** Cannot be looked at, with exit code 9. */
  readonly breaks?: boolean;
}

export interface ManualClock extends Clock {
  /** Lets time pass: sleepers that are due wake up, and what waits for them runs. */
  advance(ms: number): Promise<void>;
}

export interface FakeWorld {
  readonly ports: Ports;
  readonly clock: ManualClock;
  /** Slots of the measured targets in the order of their starts; a calibration runs in slot a. */
  readonly starts: readonly { readonly slot: string; readonly program: Program }[];
  /** What the probe was for, of each start. */
  readonly probes: readonly TargetSpec['probe'][];
  readonly queries: readonly QueryPlan[];
  readonly loads: readonly { readonly seed: number; readonly ratePerS: number | null }[];
  /** Processes that called a function, calibrations left out. */
  readonly benches: readonly FunctionMeasurementPlan[];
  /** Commands that were run (setup, tests), with the slot of their checkout. */
  readonly commands: readonly { readonly command: readonly string[]; readonly slot: string }[];
  /** Looks at what a program does, with the slot of its checkout and how many inputs were asked for. */
  readonly observed: readonly { readonly slot: string; readonly extent: number | undefined }[];
  /** Runs of command workloads. */
  readonly commandRuns: readonly { readonly spec: CommandRunSpec; readonly slot: string }[];
  readonly runningTargets: () => number;
  /** Probes of commands, and samplers around and beside programs, that were not closed. */
  readonly openProbes: () => number;
  readonly defects: readonly unknown[];
  readonly reaped: readonly string[];
  readonly killedAll: () => number;
  readonly checkouts: () => readonly string[];
  readonly lockHolder: () => LockHolder | undefined;
  /** What the world does from now on. */
  readonly settings: Settings;
}

interface Settings {
  machineId: string;
  pinned: boolean;
  /** Standard deviation of a process's numbers, as a share. */
  noise: number;
  foreignCpuShare: number;
  /** Of one core, in either loop. */
  generatorCpuShare: number;
  /** Longest time without any answer that an open loop sees, in ms; null: as long as a request takes. */
  stallMs: number | null;
  /** Whether the processes of a database server can be told from others. */
  serverSeen: boolean;
  limits: Fingerprint['limits'];
  /** How often a quota has stopped programs until now; asked at each look at the machine. */
  throttledPeriods: () => number | undefined;
  /** Error of the n-th start of a target (0-based, over the world's life). */
  failStart: (index: number) => Error | undefined;
  /** Error of a start in a slot, with its number as above. */
  failStartOf: (slot: string, index: number) => Error | undefined;
  /** What the program of the n-th start really costs (0-based, over the world's life). */
  costOf: (slot: string, index: number, cost: number) => number;
  /** Whether calls of a function fail. */
  failFunction: boolean;
  /** Whether a profiler gives nothing. */
  failProfile: boolean;
  /** What is different in the n-th run of a command workload (0-based, over the world's life). */
  commandRun: (index: number) => Partial<CommandRun>;
  startOverhead: StartOverhead | null;
  /** Whether it is installed. */
  valgrind: boolean;
  /** What a sampler outside of the program gives; none is installed here. */
  sampleFromOutside: (request: Omit<NativeRecordingRequest, 'signal'>) => Promise<NativeRecording>;
  /** What the processes of one run of a command leave under the probe. */
  profilesOfRun: (env: Readonly<Record<string, string>>) => readonly ThreadProfile[];
  explain: Databases['explain'];
  alive: (pid: number) => boolean;
}

export interface FakeOptions {
  readonly seed?: number;
  readonly pid?: number;
  /** Makes ids of two worlds on one project differ. */
  readonly idMark?: string;
}

/** The first eight bytes of every PNG. */
const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export const START: Argv = ['node', 'service.js'];
export const TEST: Argv = ['npm', 'test'];

export const WORKLOAD: HttpWorkload = {
  name: 'list-posts',
  kind: 'http',
  start: { command: [...START], env: { NODE_ENV: 'production' }, ready: { path: '/health' } },
  requests: [{ name: 'page', method: 'GET', path: '/posts?page=1', expect: { status: 200 } }],
  load: { connections: 16, rate_per_s: 120 },
};

export const GOALS: Goals = {
  workloads: [WORKLOAD],
  objectives: [
    { workload: 'list-posts', metric: 'latency_p95_ms', max: 250, primary: true },
    { workload: 'list-posts', metric: 'throughput_rps', min: 300 },
  ],
  constraints: [],
  correctness: { test: [...TEST] },
};

export interface FakeRun extends RunHandle {
  readonly reports: readonly RunProgress[];
  readonly abort: () => void;
}

/** What the registry would hand to a job. */
export function fakeRun(id = 'run_fake'): FakeRun {
  const controller = new AbortController();
  const reports: RunProgress[] = [];
  return {
    id,
    signal: controller.signal,
    report: (progress) => void reports.push(progress),
    reports,
    abort: () => controller.abort(new Error('aborted')),
  };
}

export function writeProgram(directory: string, program: Program): void {
  writeFileSync(join(directory, 'service.json'), JSON.stringify(program));
}

/** Whether looking at a project has left a database behind. */
export function hasHistory(project: Project): boolean {
  return existsSync(join(project.directory, STATE_DIRECTORY, HISTORY_FILE));
}

/** A project whose goals are written and whose commands are approved. */
export async function fakeProject(
  world: FakeWorld,
  { goals = GOALS, program = { cost: 1 } }: { readonly goals?: Goals; readonly program?: Program } = {},
) {
  const directory = await temporaryDirectory();
  writeProgram(directory, program);
  const project = await world.ports.projects.open(directory);
  await project.files.writeGoals(goals);
  await world.ports.approvals.approve(project.directory, [START, TEST]);
  return project;
}

export function createFakeWorld({ seed = 1, pid = 100, idMark = '' }: FakeOptions = {}): FakeWorld {
  const random = seededRandom(seed);
  const clock = createManualClock();
  const settings: Settings = {
    machineId: fingerprint.id,
    pinned: true,
    noise: 0.01,
    foreignCpuShare: 0,
    generatorCpuShare: 0,
    stallMs: null,
    serverSeen: true,
    limits: undefined,
    throttledPeriods: () => undefined,
    failStart: () => undefined,
    failStartOf: () => undefined,
    costOf: (_slot, _index, cost) => cost,
    failFunction: false,
    failProfile: false,
    commandRun: () => ({}),
    startOverhead: { wallMs: 1.5, cpuUs: 900, rssBytes: 4 * 2 ** 20 },
    valgrind: true,
    sampleFromOutside: () =>
      Promise.reject(
        new EnvironmentError('native_profiler_unavailable', 'perf is not installed.', {
          fix: 'apt install linux-perf',
        }),
      ),
    profilesOfRun: () => [],
    explain: () => Promise.reject(new Error('there is no database in this world')),
    alive: (asked) => asked === pid,
  };
  const starts: { slot: string; program: Program }[] = [];
  const probes: TargetSpec['probe'][] = [];
  const queries: QueryPlan[] = [];
  const loads: { seed: number; ratePerS: number | null }[] = [];
  const benches: FunctionMeasurementPlan[] = [];
  const observed: { slot: string; extent: number | undefined }[] = [];
  const commandRuns: { spec: CommandRunSpec; slot: string }[] = [];
  const commands: { command: readonly string[]; slot: string }[] = [];
  const defects: unknown[] = [];
  const reaped: string[] = [];
  const approved = new Set<string>();
  const checkouts = new Map<string, ReadonlyMap<string, string>>();
  /** By checkout: what programs of it wrote. */
  const leftFiles = new Map<string, readonly string[]>();
  const targets = new Map<string, FakeTarget>();
  let killedAll = 0;
  let ids = 0;
  let seeds = 0;
  let startCount = 0;
  let portCount = 0;
  let busyUs = 0;
  let holder: LockHolder | undefined;
  let openProbes = 0;

  const noisy = (value: number) => value * Math.exp(settings.noise * normal(random));
  const checkoutOf = (cwd: string) =>
    [...checkouts.keys()].find((directory) => cwd === directory || cwd.startsWith(`${directory}/`)) ?? cwd;
  const programIn = (cwd: string): Program =>
    JSON.parse(checkouts.get(checkoutOf(cwd))?.get('service.json') ?? '{}') as Program;
  const slotOf = (cwd: string) => checkoutOf(cwd).slice(-1);

  function start(spec: TargetSpec, signal: AbortSignal): Target {
    signal.throwIfAborted();
    const written = programIn(spec.cwd);
    const program = { ...written, cost: settings.costOf(slotOf(spec.cwd), startCount, written.cost) };
    // Without a probe it is looked at and not measured: see `observed`.
    if (spec.probe !== 'none') {
      starts.push({ slot: slotOf(spec.cwd), program });
      probes.push(spec.probe);
      const failure = settings.failStartOf(slotOf(spec.cwd), startCount) ?? settings.failStart(startCount);
      startCount++;
      if (failure) throw failure;
    }
    const port = 40_000 + ++portCount;
    const origin = `http://127.0.0.1:${port}`;
    const target = createFakeTarget(spec, program, {
      latencyMs: noisy(10 * program.cost),
      cpuUsPerRequest: noisy(2000 * program.cost),
      rssBytes: noisy(program.rssBytes ?? 100 * 2 ** 20),
      startupMs: noisy(200),
    });
    targets.set(origin, target);
    return {
      ...target.port,
      origin,
      port,
      stopProfile: () => (settings.failProfile ? Promise.resolve([]) : target.port.stopProfile()),
      stop: () => Promise.resolve(void targets.delete(origin)),
    };
  }

  async function apply(
    plan: LoadPlan,
    signal: AbortSignal,
    ratePerS: number | null,
    warmupMs: number,
    connections: number | null = null,
  ): Promise<LoadResult> {
    const target = targets.get(plan.origin);
    if (!target) throw new Error(`nothing listens on ${plan.origin}`);
    loads.push({ seed: plan.seed, ratePerS });
    await clock.advance(warmupMs);
    signal.throwIfAborted();
    if (target.program.dies === true) {
      target.die();
      throw new EnvironmentError('generator_failed', 'Connection refused.', { fix: '…' });
    }
    const { serialShare, queues } = target.program;
    const ofOne = 1_000_000 / target.speed.cpuUsPerRequest;
    const capacity =
      serialShare === undefined || connections === null
        ? ofOne
        : (ofOne * connections) / (1 + serialShare * (connections - 1));
    const answered = Math.floor((Math.min(ratePerS ?? Infinity, capacity) * plan.durationMs) / 1000);
    plan.onWindow?.('opens');
    await clock.advance(plan.durationMs);
    signal.throwIfAborted();
    const cpuUs = answered * target.speed.cpuUsPerRequest;
    target.useCpu(cpuUs);
    busyUs += cpuUs + settings.foreignCpuShare * plan.durationMs * 1000 * fingerprint.cores;
    plan.onWindow?.('closes');
    await clock.advance(0);
    const failed = Math.round(answered * (target.program.failedShare ?? 0));
    const busy = queues === true ? Math.min(0.999, (ratePerS ?? 0) / capacity) : 0;
    const ms = target.speed.latencyMs / (1 - busy);
    return {
      durationMs: plan.durationMs,
      answered,
      failed,
      failures:
        failed === 0
          ? []
          : [{ request: 'page', reason: 'status 500, expected 200', count: failed, example: 'boom' }],
      bytes: answered * 100,
      latency: {
        count: answered - failed,
        p50Ms: ms * 0.5,
        p90Ms: ms * 0.9,
        p95Ms: ms,
        p99Ms: ms * 1.5,
        p999Ms: ms * 2,
        meanMs: ms * 0.6,
        maxMs: ms * 3,
        histogram: JSON.stringify({ count: answered - failed, ms }),
      },
      journeys: null,
      stalls:
        settings.stallMs === null || ratePerS === null
          ? { longestMs: ms, count: 0, share: 0 }
          : { longestMs: settings.stallMs, count: 1, share: 0.1 },
      generator: { cpuShare: settings.generatorCpuShare, eventLoopDelayP99Ms: 0, latenessP99Ms: 0 },
    };
  }

  /** A call takes 1 ms, all of it CPU, times what the program costs. */
  async function callFunction(
    plan: FunctionMeasurementPlan,
    signal: AbortSignal,
  ): Promise<FunctionMeasurement> {
    const program = programIn(plan.directory);
    benches.push(plan);
    await clock.advance(plan.warmupMs);
    signal.throwIfAborted();
    if (program.dies === true || settings.failFunction)
      throw new TargetError('function_failed', 'It failed.', { fix: '…' });
    const msPerCall = noisy(program.cost);
    await plan.onWindow('opens');
    await clock.advance(plan.timedMs);
    const cpuUs = plan.timedMs * 1000;
    busyUs += cpuUs * (1 + settings.foreignCpuShare * fingerprint.cores);
    await plan.onWindow('closes');
    const timings = Math.ceil(plan.timedMs / msPerCall / plan.callsPerTiming);
    return {
      calls: timings * plan.callsPerTiming,
      timings,
      wallLowMs: msPerCall,
      wallMedianMs: msPerCall * 1.1,
      windowMs: plan.timedMs,
      cpuUs,
      gcMs: plan.timedMs / 10,
      edgeToEdgeCpuUs: cpuUs,
      rssPeakBytes: noisy(program.rssBytes ?? 50 * 2 ** 20),
      allocatedBytesPerCall: 1000 * program.cost,
      importMs: noisy(5),
      inputsChanged: program.changesInputs ?? false,
    };
  }

  /** 1 ms an execution at cost 1, most of it CPU of the server; parameter sets make no difference. */
  async function execute(plan: QueryPlan, signal: AbortSignal): Promise<QueryMeasurement> {
    signal.throwIfAborted();
    queries.push(plan);
    const { cost } = programIn(plan.directory);
    const wallMs = noisy(cost);
    const executions = Math.min(plan.executions, Math.floor(plan.limitMs / wallMs));
    const durationMs = executions * wallMs;
    await clock.advance(plan.warmupMs);
    plan.onWindow?.('opens');
    await clock.advance(durationMs);
    const [clientCpuUs, serverCpuUs] = [durationMs * 100, durationMs * 800];
    busyUs += clientCpuUs + serverCpuUs + settings.foreignCpuShare * durationMs * 1000 * fingerprint.cores;
    plan.onWindow?.('closes');
    await clock.advance(0);
    return {
      wallMs,
      wallLowMs: wallMs * 0.9,
      rows: 8,
      executions,
      cutShort: executions < plan.executions,
      durationMs,
      clientCpuUs,
      serverCpuUs: settings.serverSeen && plan.database.engine === 'postgres' ? serverCpuUs : null,
      ...(plan.analyze
        ? { analysis: { planningMs: 0.1, executionMs: wallMs * 0.8, buffers: Math.round(300 * cost) } }
        : {}),
    };
  }

  /** Two inputs of one kind; what was thrown away by the second run of a look is of no interest here. */
  function observe(cwd: string, { extent }: ObservationScope, signal: AbortSignal): Promise<Behaviour> {
    signal.throwIfAborted();
    const { answer = 'ok', restless = false, shapeless = false, breaks = false } = programIn(cwd);
    observed.push({ slot: slotOf(cwd), extent });
    if (breaks)
      return Promise.reject(
        new TargetError('target_died', 'The program ended while it was measured (exit code 9).', {
          fix: '…',
          output: 'no such table: posts',
        }),
      );
    const tree: Tree = shapeless ? observed.length : restless ? [answer, observed.length] : answer;
    const observations = [1, 2].map((input) => ({
      id: String(input),
      group: 'page',
      name: `GET /posts?page=${input}`,
      facets: { status: { kind: 'tree', tree: 200 }, body: { kind: 'tree', tree } } as const,
      main: ['body'],
    }));
    return Promise.resolve({ observations, extent: observations.length });
  }

  async function runMeasured(spec: CommandRunSpec, signal: AbortSignal): Promise<CommandRun> {
    signal.throwIfAborted();
    const written = programIn(spec.cwd);
    const isWarm = leftFiles.has(checkoutOf(spec.cwd));
    const program = { ...written, cost: isWarm ? written.cost / 10 : written.cost };
    if (written.keepsResult === true) leftFiles.set(checkoutOf(spec.cwd), ['cache/result.json']);
    if (spec.scope === undefined) commandRuns.push({ spec, slot: slotOf(spec.cwd) });
    else observed.push({ slot: slotOf(spec.cwd), extent: undefined });
    const cpuUs = noisy(100_000 * program.cost);
    await clock.advance(120 * program.cost);
    busyUs += cpuUs + settings.foreignCpuShare * 120 * program.cost * 1000 * fingerprint.cores;
    return {
      exit: { code: 0, signal: null },
      timedOut: false,
      wallMs: noisy(120 * program.cost),
      usage: {
        userUs: cpuUs * 0.9,
        systemUs: cpuUs * 0.1,
        largestRssBytes: program.rssBytes ?? 30 * 2 ** 20,
        voluntarySwitches: 10,
        involuntarySwitches: 5,
        blocksRead: 0,
        blocksWritten: 0,
      },
      sampledRssBytes: 20 * 2 ** 20,
      launcherCpuUs: 0,
      leftRunning: 0,
      stdoutIncludes: spec.expect.stdoutIncludes === undefined ? null : true,
      missingFiles: [],
      ...(spec.scope === undefined
        ? {}
        : { seen: { stdout: { kind: 'text', text: JSON.stringify(program.answer ?? 'ok') }, files: {} } }),
      stdout: '',
      stderr: '',
      ...(spec.scope === undefined ? settings.commandRun(commandRuns.length - 1) : {}),
    };
  }

  function runCommand(command: readonly string[], cwd: string): CommandResult {
    commands.push({ command, slot: slotOf(cwd) });
    const { tests = 'pass', setup = 'pass' } = programIn(cwd);
    const isTest = JSON.stringify(command) === JSON.stringify(TEST);
    const outcome = isTest ? tests : setup;
    return {
      code: outcome === 'pass' ? 0 : outcome === 'hang' ? null : 1,
      signal: outcome === 'hang' ? 'SIGKILL' : null,
      stdout: outcome === 'pass' ? 'ok' : '',
      stderr: outcome === 'pass' ? '' : `${isTest ? 'test' : 'setup'} broke`,
      timedOut: outcome === 'hang',
      durationMs: 5,
    };
  }

  const ports: Ports = {
    clock,
    entropy: { id: (prefix) => `${prefix}_${idMark}${++ids}`, seed: () => 1000 + ++seeds },
    machine: {
      fingerprint: () =>
        Promise.resolve({
          ...fingerprint,
          id: settings.machineId,
          ...(settings.limits === undefined ? {} : { limits: settings.limits }),
        }),
      cpu: () => {
        const totalUs = clock.monotonicMs() * 1000 * fingerprint.cores;
        const throttledPeriods = settings.throttledPeriods();
        return Promise.resolve({
          busyUs,
          idleUs: Math.max(0, totalUs - busyUs),
          stealUs: 0,
          ...(throttledPeriods === undefined ? {} : { throttledPeriods }),
        });
      },
      ownCpuUs: () => 0,
      self: () => ({ pid, started_at: `start of ${pid}` }),
      isAlive: (process) => settings.alive(process.pid),
      cpuPlan: () => (settings.pinned ? { target: [0], generator: [1] } : undefined),
      lock: (wanted) => {
        if (holder) {
          return Promise.reject(
            new EnvironmentError('busy', `Another measurement runs: ${holder.run_id}.`, { fix: 'Wait.' }),
          );
        }
        holder = wanted;
        return Promise.resolve(() => {
          holder = undefined;
          return Promise.resolve();
        });
      },
    },
    processes: {
      spawn: () => {
        throw new Error('the loop starts programs through targets');
      },
      run: ({ command, cwd }, { signal }) => {
        signal?.throwIfAborted();
        return Promise.resolve(runCommand(command, cwd));
      },
      finish: () => {
        throw new Error('the loop waits for programs through their ports');
      },
      killAll: () => {
        killedAll++;
        return Promise.resolve();
      },
      reap: (runIds) => {
        reaped.push(...runIds);
        return Promise.resolve(runIds.length);
      },
      canPin: true,
    },
    targets: { start: (spec, signal) => Promise.resolve().then(() => start(spec, signal)) },
    load: {
      pool: poolFakes,
      latencies: (histograms) => histograms.map((text) => JSON.parse(text) as { count: number; ms: number }),
      closedLoop: (plan: ClosedLoopPlan, signal) =>
        apply(plan, signal, null, plan.warmupMs ?? 0, plan.connections),
      openLoop: (plan: OpenLoopPlan, signal) => apply(plan, signal, plan.ratePerS, 0),
      standBy: ({ closedLoop: closed, openLoop: open }) => ({
        closedLoop: (direction, signal) =>
          apply({ ...closed, ...direction }, signal, null, closed.warmupMs ?? 0, closed.connections),
        openLoop: (direction, signal) => apply({ ...open, ...direction }, signal, open.ratePerS, 0),
        stop: () => Promise.resolve(),
      }),
      answers: ({ origin, scope }, signal) => {
        const target = targets.get(origin);
        return target === undefined
          ? Promise.reject(new Error(`nothing listens on ${origin}`))
          : observe(target.cwd, scope, signal);
      },
      ceiling: () => Promise.resolve({ requestsPerS: 50_000, generatorCpuShare: 1 }),
      check: () => Promise.resolve(),
    },
    dataFiles: createDataFiles(),
    fileSizes: {
      total: ({ directory }) => Promise.resolve(programIn(directory).bundleBytes ?? 50_000),
    },
    bench: {
      calibrate: ({ directory }) => {
        const { cost } = programIn(directory);
        return Promise.resolve({
          inputs: 1,
          callsPerTiming: Math.max(1, Math.round(4 / cost)),
          msPerCall: cost,
        });
      },
      measure: callFunction,
      observe: ({ directory, scope }, signal) => observe(directory, scope, signal),
      endlessCalls: ({ env }) => ({ command: ['node', 'harness.js'], env }),
    },
    queries: {
      measure: execute,
      observe: ({ directory, scope }, signal) => observe(directory, scope, signal),
    },
    databases: {
      findUrl: () => Promise.resolve(undefined),
      watch: () => Promise.reject(new Error('there is no database in this world')),
      explain: (access, statements, signal) => settings.explain(access, statements, signal),
    },
    runProbes: {
      open: ({ probe, env }) => {
        probes.push(probe);
        openProbes += 1;
        const close = () => Promise.resolve(void (openProbes -= 1));
        return Promise.resolve({ env, collect: () => Promise.resolve(settings.profilesOfRun(env)), close });
      },
    },
    commandRuns: {
      run: (spec, signal) => runMeasured(spec, signal),
      countInstructions: async (spec, signal) => {
        const run = await runMeasured({ ...spec, command: ['valgrind', ...spec.command] }, signal);
        const { cost } = programIn(spec.cwd);
        return {
          run: settings.valgrind ? run : { ...run, exit: { ...run.exit, code: null, startError: 'ENOENT' } },
          hasValgrind: settings.valgrind,
          instructions: settings.valgrind ? Math.round(1e8 * cost) : null,
        };
      },
      startOverhead: () => Promise.resolve(settings.startOverhead),
    },
    nativeProfiler: {
      beside: (env) => {
        openProbes += 1;
        return Promise.resolve({
          env,
          record: (request) => settings.sampleFromOutside(request),
          close: () => Promise.resolve(void (openProbes -= 1)),
        });
      },
      around: async ({ command, env }) => {
        const recording = await settings.sampleFromOutside({ pids: [], durationMs: 0 });
        openProbes += 1;
        return {
          command: ['sampler', ...command],
          env,
          read: () => Promise.resolve(recording),
          close: () => Promise.resolve(void (openProbes -= 1)),
        };
      },
    },
    otlp: {
      open: () =>
        Promise.resolve({
          endpoint: 'http://127.0.0.1:4318',
          count: () => 0,
          close: () => Promise.resolve({ spans: [], dropped: 0, rejected: 0, firstRejection: null }),
        }),
    },
    pictures: {
      html: () => Promise.resolve('<html></html>'),
      png: () => Promise.resolve(PNG_SIGNATURE),
    },
    approvals: {
      missing: (directory, wanted) =>
        Promise.resolve(wanted.filter((command) => !approved.has(JSON.stringify([directory, command])))),
      approve: (directory, wanted) => {
        for (const command of wanted) approved.add(JSON.stringify([directory, command]));
        return Promise.resolve();
      },
    },
    projects: createProjects({
      openStore: (options) => openStore(options),
      prepareStateDirectory,
      createSnapshots: (directory) => createFakeSnapshots(directory),
      createCheckouts: (_directory, snapshots) => createFakeCheckouts(snapshots, checkouts, leftFiles),
    }),
    reportDefect: (error) => void defects.push(error),
    baseEnv: { PATH: '/usr/bin' },
  };
  return {
    ports,
    clock,
    starts,
    probes,
    queries,
    loads,
    benches,
    observed,
    commandRuns,
    commands,
    runningTargets: () => targets.size,
    openProbes: () => openProbes,
    defects,
    reaped,
    killedAll: () => killedAll,
    checkouts: () => [...checkouts.keys()],
    lockHolder: () => holder,
    settings,
  };
}

/** A fake histogram is its count and its p95. */
function poolFakes(histograms: readonly string[]): Omit<LatencySummary, 'histogram'> {
  const parts = histograms.map((text) => JSON.parse(text) as { count: number; ms: number });
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const ms = Math.max(...parts.map((part) => part.ms));
  return {
    count,
    p50Ms: ms * 0.5,
    p90Ms: ms * 0.9,
    p95Ms: ms,
    p99Ms: ms * 1.5,
    p999Ms: ms * 2,
    meanMs: ms * 0.6,
    maxMs: ms * 3,
  };
}

export function createManualClock(): ManualClock {
  let nowMs = 0;
  const sleepers = new Set<{ readonly dueMs: number; readonly wake: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    now: () => new Date(Date.UTC(2026, 0, 1) + nowMs).toISOString(),
    monotonicMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const abort = () => {
          sleepers.delete(sleeper);
          reject(new Error('aborted'));
        };
        if (signal?.aborted === true) {
          reject(new Error('aborted'));
          return;
        }
        const sleeper = {
          dueMs: nowMs + ms,
          wake: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      await settle();
      nowMs += ms;
      for (const sleeper of [...sleepers]) {
        if (sleeper.dueMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await settle();
    },
  };
}

interface Speed {
  readonly latencyMs: number;
  readonly cpuUsPerRequest: number;
  readonly rssBytes: number;
  readonly startupMs: number;
}

interface FakeTarget {
  readonly cwd: string;
  readonly program: Program;
  readonly speed: Speed;
  readonly port: Omit<Target, 'origin' | 'port' | 'stop'>;
  useCpu(us: number): void;
  die(): void;
}

/** A profile that a real Node.js wrote, of a program in /srv/app. */
const PROFILES = join(import.meta.dirname, '..', 'fixtures', 'v8-cpuprofile', 'node-20');

function createFakeTarget(spec: TargetSpec, program: Program, speed: Speed): FakeTarget {
  let cpuUs = 0;
  let inboundRequests = 0;
  let end: (exit: ProcessExit) => void = () => undefined;
  const window: RuntimeWindow = {
    pid: 4711,
    threadId: 0,
    durationMs: 1000,
    eventLoopDelay: { p50Ms: 1, p99Ms: speed.latencyMs / 5, maxMs: speed.latencyMs },
    eventLoopUtilization: 0.5,
    gcMs: { minor: 20, major: 10, incremental: 0, weakcb: 0 },
    processCpuUs: 0,
    heapUsedBytes: speed.rssBytes / 2,
    rssBytes: speed.rssBytes,
    allocatedBytes: 2_000_000,
    outboundCalls: 0,
    inboundRequests: 20,
    queries: 40,
    activeHandles: 5,
  };
  return {
    cwd: spec.cwd,
    program,
    speed,
    useCpu: (us) => void (cpuUs += us),
    die: () => end({ code: 7, signal: null }),
    port: {
      pid: 4711,
      startupMs: speed.startupMs,
      exited: new Promise((resolve) => (end = resolve)),
      usage: () => Promise.resolve({ cpuUs, rssBytes: speed.rssBytes, pids: [4711] }),
      output: () => ({ stdout: 'listening', stderr: program.dies === true ? 'out of cheese' : '' }),
      probeCount: () => 1,
      openWindow: () => Promise.resolve(),
      closeWindow: () => Promise.resolve([window]),
      startProfile: () => Promise.resolve(),
      stopProfile: () => {
        const mode = spec.probe === 'attribution' ? 'attribution' : 'plain';
        const recorded = readFileSync(
          join(PROFILES, `${program.profile ?? 'json-heavy'}.${mode}.cpuprofile`),
          'utf8',
        );
        return Promise.resolve([
          { pid: 4711, threadId: 0, content: recorded.replaceAll('/srv/app', spec.cwd) },
        ]);
      },
      startTrace: () => Promise.resolve(),
      stopTrace: () => Promise.resolve([{ pid: 4711, threadId: 0, content: JSON.stringify(FAKE_TRACE) }]),
      startHeapSampling: () => Promise.resolve(),
      stopHeapSampling: () => Promise.resolve([]),
      // Keeps nothing from one load to the next.
      heapAfterGc: () =>
        Promise.resolve([
          {
            pid: 4711,
            threadId: 0,
            heapUsedBytes: speed.rssBytes / 3,
            externalBytes: 1_000_000,
            activeHandles: 2,
            inboundRequests: (inboundRequests += 500),
          },
        ]),
    },
  };
}

/** One request that does nothing but compute. */
const FAKE_TRACE: TracerFile = {
  version: 1,
  timeOriginMs: 0,
  fromMs: 0,
  toMs: 1000,
  dropped: 0,
  spans: [{ id: 1, request: 1, kind: 'request', name: 'GET /posts', from: 10, to: 20, status: 200 }],
  statements: [],
  sites: [],
  runs: [[1, 10, 20]],
  collections: [],
};

/** Snapshots of the files that lie directly in a directory, by content. */
function createFakeSnapshots(directory: string): Snapshots {
  const taken = new Map<string, ReadonlyMap<string, string>>();
  const files = (id: string) => {
    const found = taken.get(id);
    if (found) return found;
    throw new EnvironmentError('snapshot_missing', `Snapshot ${id} is gone.`, { fix: 'Measure again.' });
  };
  return {
    take: () => {
      const names = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
      const content = new Map(
        names.map(({ name }) => [name, readFileSync(join(directory, name), 'utf8')] as const),
      );
      const tree = treeOf(content);
      const snapshot: Snapshot = {
        id: `snap_${tree.slice(0, 12)}`,
        tree,
        files: content.size,
        created_at: '2026-01-01T00:00:00.000Z',
      };
      taken.set(snapshot.id, content);
      return Promise.resolve(snapshot);
    },
    // A commit is what was snapshotted under its name before: the tree's first digits.
    ofCommit: (name) => {
      const content = taken.get(`snap_${name}`);
      return Promise.resolve(
        content && {
          id: `snap_${name}`,
          tree: treeOf(content),
          files: content.size,
          head: { commit: name, dirty: false },
          created_at: '2026-01-01T00:00:00.000Z',
        },
      );
    },
    checkout: () => Promise.resolve(),
    restoreFiles: () => Promise.resolve(),
    prune: () => Promise.resolve(0),
    ignored: () => Promise.resolve(['dist', 'src/generated', 'notes.txt']),
    readFile: (snapshot, path) => Promise.resolve(files(snapshot.id).get(path)),
    diff: (from, to) => {
      const [before, after] = [files(from.id), files(to.id)];
      const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
        (path) => before.get(path) !== after.get(path),
      );
      return Promise.resolve({
        patch: changed.map((path) => `--- a/${path}\n+++ b/${path}\n`).join(''),
        files: changed.map((path) => ({ path, added: 1, removed: 1 })),
      });
    },
  };
}

function treeOf(content: ReadonlyMap<string, string>): string {
  return createHash('sha1')
    .update(JSON.stringify([...content].sort()))
    .digest('hex');
}

function createFakeCheckouts(
  snapshots: Snapshots,
  checkouts: Map<string, ReadonlyMap<string, string>>,
  files: Map<string, readonly string[]>,
): Checkouts {
  const remove = (keep: (directory: string) => boolean) => {
    for (const directory of [...checkouts.keys()]) if (!keep(directory)) checkouts.delete(directory);
    return Promise.resolve();
  };
  return {
    materialize: async ({ snapshot, runId, slot, signal }) => {
      signal.throwIfAborted();
      const text = await snapshots.readFile(snapshot, 'service.json');
      const directory = `/checkouts/${runId}/${slot}`;
      files.delete(directory);
      checkouts.set(directory, new Map(text === undefined ? [] : [['service.json', text]]));
      return { directory, dependencies: 'none', linked: [], env: { TMPDIR: `/tmp/${runId}/${slot}` } };
    },
    remember: () => Promise.resolve(),
    restore: ({ runId, slot }) => {
      const left = files.get(`/checkouts/${runId}/${slot}`) ?? [];
      files.delete(`/checkouts/${runId}/${slot}`);
      return Promise.resolve(left);
    },
    dispose: (runId) => remove((directory) => !directory.startsWith(`/checkouts/${runId}/`)),
    reap: (active) => remove((directory) => active.includes(directory.split('/')[2] ?? '')),
  };
}
