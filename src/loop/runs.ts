import { DeepOptimizeError, EnvironmentError, InputError } from '../core/errors.ts';
import type { Envelope } from '../core/model/result.ts';
import type { Run, RunKind } from '../core/model/run.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { toStoredError, type StoredError } from './run-errors.ts';

/**
 * The run registry. A run outlives the request that started it (clients time out), not the server: on shutdown what it
 * started is killed and it is marked interrupted. Its result is kept in the store, so a later `get_run` gives it again.
 */
export interface Runs {
  /** Starts a job, or joins the active run of the same key. Rejects with EnvironmentError busy while another run is active. */
  start(project: Project, spec: RunSpec, job: Job): Promise<string>;
  /** Waits until the run has ended or `waitMs` is over, whichever is first, and returns its state. */
  wait(project: Project, id: string, options: WaitOptions): Promise<RunView>;
  cancel(project: Project, id: string): Promise<RunView>;
  /** Marks runs of servers that are gone as interrupted; called when a project is opened. */
  recover(project: Project): Promise<readonly string[]>;
  /** Aborts every active run, waits for their clean-up, and marks them interrupted. */
  shutdown(): Promise<void>;
}

export interface RunSpec {
  readonly kind: RunKind;
  readonly tool: string;
  readonly workload: string | null;
  /** The request in canonical form: the same request while its run is active joins that run. */
  readonly key: string;
}

export interface RunHandle {
  readonly id: string;
  readonly signal: AbortSignal;
  /** `fraction` in [0, 1]; `etaS` null when it cannot be said; `partial` are numbers so far. */
  report(progress: RunProgress): void;
}

export interface RunProgress {
  readonly fraction: number;
  readonly message: string;
  readonly etaS: number | null;
  readonly partial?: Readonly<Record<string, unknown>>;
}

export type Job = (run: RunHandle) => Promise<Envelope>;

export interface WaitOptions {
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RunProgress) => void;
}

export interface RunView {
  readonly run: Run;
  readonly partial: Readonly<Record<string, unknown>> | undefined;
}

interface ActiveRun {
  run: Run;
  readonly project: Project;
  readonly abort: AbortController;
  readonly finished: Promise<void>;
  readonly listeners: Set<(progress: RunProgress) => void>;
  partial: Readonly<Record<string, unknown>> | undefined;
  lastSavedMs: number;
}

/** Progress goes to the store at most this often: it is for readers in other processes, not a log. */
const SAVE_PROGRESS_EVERY_MS = 2000;

/** Reasons of an abort: compared, never shown. */
const CANCELLED = new Error('cancelled');
const SHUTDOWN = new Error('shutdown');

export function createRuns(ports: Ports): Runs {
  const active = new Map<string, ActiveRun>();
  /** Runs whose end could not be written: in the store they still run. */
  const unsaved = new Map<string, Run>();
  const owner = ports.machine.self();
  let closing = false;

  async function start(project: Project, spec: RunSpec, job: Job): Promise<string> {
    const same = [...active.values()].find(
      (entry) => entry.project === project && entry.run.key === spec.key,
    );
    if (same) return same.run.id;
    const other = [...active.values()][0];
    if (other) throw busy(other.run);
    if (closing)
      throw new EnvironmentError('cancelled', 'The server is shutting down.', { fix: 'Start it again.' });

    const run: Run = {
      id: ports.entropy.id('run'),
      kind: spec.kind,
      tool: spec.tool,
      workload: spec.workload,
      key: spec.key,
      state: 'running',
      progress: { fraction: 0, message: 'starting', eta_s: null },
      owner,
      result: null,
      error: null,
      created_at: ports.clock.now(),
      ended_at: null,
    };
    const abort = new AbortController();
    let begin: (isStored: boolean) => void = () => undefined;
    const stored = new Promise<boolean>((resolve) => (begin = resolve));
    const entry: ActiveRun = {
      run,
      project,
      abort,
      listeners: new Set(),
      partial: undefined,
      lastSavedMs: ports.clock.monotonicMs(),
      finished: stored.then((isStored) => (isStored ? execute(entry, job) : undefined)),
    };
    // Taken before the first await, so that two calls at once cannot both start.
    active.set(run.id, entry);
    try {
      await project.store.runs.create(run);
    } catch (error) {
      active.delete(run.id);
      // Whoever joined meanwhile learns it too.
      entry.run = { ...run, state: 'failed', error: toStoredError(error) };
      begin(false);
      throw error;
    }
    begin(true);
    return run.id;
  }

  async function execute(entry: ActiveRun, job: Job): Promise<void> {
    const { id } = entry.run;
    const handle: RunHandle = {
      id,
      signal: entry.abort.signal,
      report: (progress) => {
        entry.partial = progress.partial ?? entry.partial;
        entry.run = {
          ...entry.run,
          progress: { fraction: progress.fraction, message: progress.message, eta_s: progress.etaS },
        };
        for (const listener of entry.listeners) listener(progress);
        const now = ports.clock.monotonicMs();
        if (now - entry.lastSavedMs < SAVE_PROGRESS_EVERY_MS) return;
        entry.lastSavedMs = now;
        // Lost progress harms nobody; a store that fails is reported when the run ends.
        entry.project.store.runs.update(id, { progress: entry.run.progress }).catch(() => undefined);
      },
    };
    let change: Pick<Run, 'state' | 'result' | 'error'>;
    try {
      const result = await job(handle);
      change = { state: 'done', result: { ...result, run_id: id, tool: entry.run.tool }, error: null };
    } catch (error) {
      if (!entry.abort.signal.aborted && !(error instanceof DeepOptimizeError)) ports.reportDefect(error);
      change = { ...endOf(entry, error), result: null };
    }
    entry.run = { ...entry.run, ...change, ended_at: ports.clock.now() };
    try {
      await entry.project.store.runs.update(id, {
        ...change,
        progress: entry.run.progress,
        ended_at: entry.run.ended_at,
      });
    } catch (error) {
      // The result is still in memory for a caller that waits; it must learn that nothing was kept.
      if (change.state === 'done') entry.run = { ...entry.run, state: 'failed', error: toStoredError(error) };
      unsaved.set(id, entry.run);
    } finally {
      active.delete(id);
    }
  }

  async function view(project: Project, id: string): Promise<RunView> {
    const entry = active.get(id);
    if (entry) return { run: entry.run, partial: entry.partial };
    const run = unsaved.get(id) ?? (await project.store.runs.get(id));
    if (!run) throw unknownRun(id);
    return { run, partial: undefined };
  }

  async function wait(project: Project, id: string, options: WaitOptions): Promise<RunView> {
    const entry = active.get(id);
    if (!entry) return await waitForForeign(project, id, options);
    const { onProgress } = options;
    if (onProgress) entry.listeners.add(onProgress);
    const timer = new AbortController();
    try {
      await Promise.race([
        entry.finished,
        // A caller that goes away stops waiting; its run goes on.
        ports.clock
          .sleep(options.waitMs, AbortSignal.any([options.signal, timer.signal]))
          .catch(() => undefined),
      ]);
    } finally {
      timer.abort();
      if (onProgress) entry.listeners.delete(onProgress);
    }
    return { run: entry.run, partial: entry.partial };
  }

  /** A run of another server process on the same project: its store rows are all we see. */
  async function waitForForeign(project: Project, id: string, options: WaitOptions): Promise<RunView> {
    const deadline = ports.clock.monotonicMs() + options.waitMs;
    for (;;) {
      const seen = await view(project, id);
      if (seen.run.state !== 'running') return seen;
      if (!ports.machine.isAlive(seen.run.owner)) {
        await recover(project);
        return await view(project, id);
      }
      if (options.signal.aborted || ports.clock.monotonicMs() >= deadline) return seen;
      await ports.clock.sleep(500, options.signal).catch(() => undefined);
    }
  }

  async function cancel(project: Project, id: string): Promise<RunView> {
    const entry = active.get(id);
    if (!entry) {
      const seen = await view(project, id);
      if (seen.run.state === 'running' && ports.machine.isAlive(seen.run.owner)) {
        throw new EnvironmentError(
          'busy',
          `Run ${id} belongs to another server process (pid ${seen.run.owner.pid}).`,
          {
            fix: 'Cancel it from the client that started it, or end that server.',
          },
        );
      }
      await recover(project);
      return await view(project, id);
    }
    entry.abort.abort(CANCELLED);
    await entry.finished;
    return { run: entry.run, partial: entry.partial };
  }

  async function recover(project: Project): Promise<readonly string[]> {
    const running = await project.store.runs.list({ limit: 100, state: 'running' });
    const dead = running.filter((run) => !active.has(run.id) && !ports.machine.isAlive(run.owner));
    // First: a run that is told as interrupted is not looked at again.
    if (dead.length > 0) await ports.processes.reap(dead.map((run) => run.id));
    for (const run of dead) {
      await project.store.runs.update(run.id, {
        state: 'interrupted',
        ended_at: ports.clock.now(),
        error: stopped(run, 'its server ended'),
      });
    }
    await project.checkouts.reap(running.filter((run) => !dead.includes(run)).map((run) => run.id));
    return dead.map((run) => run.id);
  }

  async function shutdown(): Promise<void> {
    closing = true;
    const entries = [...active.values()];
    for (const entry of entries) entry.abort.abort(SHUTDOWN);
    await Promise.all([ports.processes.killAll(), ...entries.map((entry) => entry.finished)]);
  }

  return { start, wait, cancel, recover, shutdown };
}

/** An abort explains every error that came with it. */
function endOf({ abort, run }: ActiveRun, error: unknown): Pick<Run, 'state' | 'error'> {
  if (!abort.signal.aborted) return { state: 'failed', error: toStoredError(error) };
  return abort.signal.reason === CANCELLED
    ? { state: 'cancelled', error: stopped(run, 'it was cancelled by request') }
    : { state: 'interrupted', error: stopped(run, 'its server ended') };
}

function busy(run: Run): EnvironmentError {
  return new EnvironmentError(
    'busy',
    `Run ${run.id} (${run.tool}) is still measuring: ${run.progress.message}.`,
    {
      fix: 'Wait for it, or cancel it. Two measurements at once would spoil each other.',
      next: [
        { tool: 'get_run', arguments: { run_id: run.id }, why: 'wait for its result' },
        { tool: 'cancel_run', arguments: { run_id: run.id }, why: 'stop it' },
      ],
    },
  );
}

/** Why a run has no result though nothing failed. */
function stopped(run: Run, why: string): StoredError {
  return {
    kind: 'environment',
    code: 'cancelled',
    message: `It had come to ${Math.round(run.progress.fraction * 100)} % (${run.progress.message}); ${why}.`,
    fix: 'Start it again.',
    next: [
      {
        tool: run.tool,
        arguments: run.workload === null ? {} : { workload: run.workload },
        why: 'start again',
      },
    ],
    output: undefined,
  };
}

function unknownRun(id: string): InputError {
  return new InputError('unknown_id', `There is no run "${id}" in this project.`, {
    fix: 'Use the run_id of an earlier answer; get_history lists the latest runs.',
    next: [{ tool: 'get_history', arguments: {}, why: 'see the latest runs' }],
  });
}
