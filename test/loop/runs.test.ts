import { describe, expect, it } from 'vitest';
import { EnvironmentError, TargetError } from '../../src/core/errors.ts';
import type { Envelope } from '../../src/core/model/result.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { toRunError } from '../../src/loop/run-errors.ts';
import { createRuns, type Job, type RunHandle, type RunProgress, type Runs } from '../../src/loop/runs.ts';
import { createFakeWorld, fakeProject, type FakeWorld, hasHistory } from '../support/fake-ports.ts';
import { aRun } from '../support/records.ts';

const SPEC = { kind: 'baseline', tool: 'measure_baseline', workload: 'list-posts', key: 'k1' } as const;
const ANSWER: Envelope = { status: 'done', summary: 'All met.', warnings: [], next_steps: [], links: [] };
const NEVER = new AbortController().signal;

interface Controlled {
  readonly job: Job;
  readonly calls: () => number;
  /** Resolves once the job runs. */
  readonly begun: Promise<RunHandle>;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** A job that ends when the test says so, or when its run is aborted. */
function controlled(answer: Envelope = ANSWER): Controlled {
  let calls = 0;
  let begin: (run: RunHandle) => void = () => undefined;
  let finish: (answer: Envelope) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const begun = new Promise<RunHandle>((resolve) => (begin = resolve));
  const end = new Promise<Envelope>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return {
    job: (run) => {
      calls++;
      run.signal.addEventListener('abort', () => fail(new Error('killed under the load')));
      begin(run);
      return end;
    },
    calls: () => calls,
    begun,
    finish: () => finish(answer),
    fail: (error) => fail(error),
  };
}

async function setUp(): Promise<{ world: FakeWorld; project: Project; runs: Runs }> {
  const world = createFakeWorld();
  return { world, project: await fakeProject(world), runs: createRuns(world.ports) };
}

describe('start', () => {
  it('joins the active run of the same key and starts again once it has ended', async () => {
    const { project, runs } = await setUp();
    const first = controlled();
    const [one, two] = await Promise.all([
      runs.start(project, SPEC, first.job),
      runs.start(project, SPEC, first.job),
    ]);
    expect(two).toBe(one);
    await first.begun;
    expect(first.calls()).toBe(1);
    first.finish();
    await runs.wait(project, one, { waitMs: 1000, signal: NEVER });
    const second = controlled();
    expect(await runs.start(project, SPEC, second.job)).not.toBe(one);
    second.finish();
    await runs.shutdown();
  });

  it('refuses a second measurement and names the calls that help', async () => {
    const { project, runs } = await setUp();
    const { job, begun } = controlled();
    const id = await runs.start(project, SPEC, job);
    (await begun).report({ fraction: 0.5, message: 'process 3 of 6 measured', etaS: 4 });
    const other = runs.start(project, { ...SPEC, key: 'k2' }, job);
    await expect(other).rejects.toMatchObject({
      code: 'busy',
      message: `Run ${id} (measure_baseline) is still measuring: process 3 of 6 measured.`,
      next: [{ tool: 'get_run', arguments: { run_id: id } }, { tool: 'cancel_run' }],
    });
    await runs.cancel(project, id);
  });

  it('does not join the run of another project', async () => {
    const { world, project, runs } = await setUp();
    const { job } = controlled();
    const id = await runs.start(project, SPEC, job);
    const elsewhere = await fakeProject(world);
    await expect(runs.start(elsewhere, SPEC, job)).rejects.toMatchObject({ code: 'busy' });
    await runs.cancel(project, id);
  });
});

describe('wait', () => {
  it('returns running at its limit, and the result once it is there', async () => {
    const { world, project, runs } = await setUp();
    const { job, begun, finish } = controlled();
    const id = await runs.start(project, SPEC, job);
    const run = await begun;
    run.report({ fraction: 0.4, message: 'half way', etaS: 9, partial: { blocks: 2 } });
    const early = runs.wait(project, id, { waitMs: 5000, signal: NEVER });
    await world.clock.advance(4999);
    await world.clock.advance(1);
    expect(await early).toMatchObject({
      run: { state: 'running', progress: { fraction: 0.4, message: 'half way', eta_s: 9 } },
      partial: { blocks: 2 },
    });
    const late = runs.wait(project, id, { waitMs: 5000, signal: NEVER });
    finish();
    expect((await late).run).toMatchObject({
      state: 'done',
      result: { ...ANSWER, run_id: id, tool: 'measure_baseline' },
    });
  });

  it('tells progress to whoever waits, and to nobody afterwards', async () => {
    const { world, project, runs } = await setUp();
    const { job, begun, finish } = controlled();
    const id = await runs.start(project, SPEC, job);
    const heard: RunProgress[] = [];
    const waiting = runs.wait(project, id, {
      waitMs: 100,
      signal: NEVER,
      onProgress: (progress) => void heard.push(progress),
    });
    const run = await begun;
    run.report({ fraction: 0.1, message: 'one', etaS: null });
    await world.clock.advance(100);
    await waiting;
    run.report({ fraction: 0.2, message: 'two', etaS: null });
    expect(heard.map(({ message }) => message)).toEqual(['one']);
    finish();
    await runs.shutdown();
  });

  it('lets go of a caller that leaves, and of nothing else', async () => {
    const { project, runs } = await setUp();
    const { job, begun, finish } = controlled();
    const id = await runs.start(project, SPEC, job);
    const { signal } = await begun;
    const caller = new AbortController();
    const waiting = runs.wait(project, id, { waitMs: 60_000, signal: caller.signal });
    caller.abort();
    expect((await waiting).run.state).toBe('running');
    expect(signal.aborted).toBe(false);
    finish();
    expect((await runs.wait(project, id, { waitMs: 1000, signal: NEVER })).run.state).toBe('done');
  });

  it('saves progress for readers in other processes, but not each time', async () => {
    const { world, project, runs } = await setUp();
    const { job, begun, finish } = controlled();
    const id = await runs.start(project, SPEC, job);
    const run = await begun;
    run.report({ fraction: 0.1, message: 'too early to save', etaS: null });
    await world.clock.advance(2000);
    run.report({ fraction: 0.2, message: 'saved', etaS: null });
    run.report({ fraction: 0.3, message: 'too early again', etaS: null });
    await expect.poll(async () => (await project.store.runs.get(id))?.progress.message).toBe('saved');
    finish();
    await runs.wait(project, id, { waitMs: 1000, signal: NEVER });
    expect((await project.store.runs.get(id))?.progress.message).toBe('too early again');
  });

  it('asks for an id that exists', async () => {
    const { project, runs } = await setUp();
    await expect(runs.wait(project, 'run_none', { waitMs: 0, signal: NEVER })).rejects.toMatchObject({
      code: 'unknown_id',
      next: [{ tool: 'get_history' }],
    });
  });

  it('leaves no history behind in a project that has none', async () => {
    const { project, runs } = await setUp();
    await runs.wait(project, 'run_none', { waitMs: 0, signal: NEVER }).catch(() => undefined);
    expect(hasHistory(project)).toBe(false);
  });
});

describe('a run that fails', () => {
  it('keeps its error and gives it again, in a later server too', async () => {
    const { world, project, runs } = await setUp();
    const { job, fail } = controlled();
    const id = await runs.start(project, SPEC, job);
    fail(
      new TargetError('never_ready', 'It did not answer.', {
        fix: 'Repair it.',
        output: 'EADDRINUSE',
        next: [{ tool: 'define_goals', arguments: {}, why: 'correct it' }],
      }),
    );
    const { run } = await runs.wait(project, id, { waitMs: 1000, signal: NEVER });
    expect(run).toMatchObject({ state: 'failed', result: null });
    const again = await createRuns(world.ports).wait(project, id, { waitMs: 0, signal: NEVER });
    expect(again.run).toEqual(run);
    const error = toRunError(again.run);
    expect(error).toBeInstanceOf(TargetError);
    expect(error).toMatchObject({
      code: 'never_ready',
      message: 'It did not answer.',
      fix: 'Repair it.',
      output: 'EADDRINUSE',
    });
    expect(error.next).toEqual([{ tool: 'define_goals', arguments: {}, why: 'correct it' }]);
    expect(world.defects).toEqual([]);
  });

  it('reports what is our own defect', async () => {
    const { world, project, runs } = await setUp();
    const { job, fail } = controlled();
    const id = await runs.start(project, SPEC, job);
    const defect = new RangeError('index 3');
    fail(defect);
    const { run } = await runs.wait(project, id, { waitMs: 1000, signal: NEVER });
    expect(world.defects).toEqual([defect]);
    expect(toRunError(run)).toMatchObject({ kind: 'internal', code: 'internal', message: 'index 3' });
  });

  it('says so when the result could not be kept', async () => {
    const { project, runs } = await setUp();
    const { job, begun, finish } = controlled();
    const failing: Project = {
      ...project,
      store: {
        ...project.store,
        runs: {
          ...project.store.runs,
          update: () =>
            Promise.reject(new EnvironmentError('not_writable', 'The disk is full.', { fix: 'Free some.' })),
        },
      },
    };
    const id = await runs.start(failing, SPEC, job);
    await begun;
    const waiting = runs.wait(failing, id, { waitMs: 1000, signal: NEVER });
    finish();
    const { run } = await waiting;
    expect(run.state).toBe('failed');
    expect(toRunError(run)).toMatchObject({ code: 'not_writable' });
    // The store still says "running"; whoever asks again must not wait for that.
    expect((await project.store.runs.get(id))?.state).toBe('running');
    expect((await runs.wait(failing, id, { waitMs: 60_000, signal: NEVER })).run).toEqual(run);
  });

  it('lets go of a start that could not be stored', async () => {
    const { project, runs } = await setUp();
    const disk = deferred();
    const create = () =>
      disk.promise.then(() => {
        throw new EnvironmentError('not_writable', 'The disk is full.', { fix: 'Free some.' });
      });
    const full: Project = {
      ...project,
      store: { ...project.store, runs: { ...project.store.runs, create } },
    };
    const { job, calls } = controlled();
    const started = runs.start(full, SPEC, job).catch((error: unknown) => error);
    const joined = await runs.start(full, SPEC, job);
    const seen = runs.wait(full, joined, { waitMs: 60_000, signal: NEVER });
    disk.resolve();
    expect(await started).toMatchObject({ code: 'not_writable' });
    expect((await seen).run).toMatchObject({ state: 'failed', error: { code: 'not_writable' } });
    const next = controlled();
    const id = await runs.start(project, SPEC, next.job);
    next.finish();
    expect((await runs.wait(project, id, { waitMs: 1000, signal: NEVER })).run.state).toBe('done');
    expect(calls()).toBe(0);
  });
});

describe('the end of a run by request', () => {
  it('cancels: the job is aborted, and the run says how far it had come', async () => {
    const { project, runs } = await setUp();
    const { job, begun } = controlled();
    const id = await runs.start(project, SPEC, job);
    const handle = await begun;
    handle.report({ fraction: 0.42, message: 'process 4 of 10 measured', etaS: null });
    const { run } = await runs.cancel(project, id);
    expect(handle.signal.aborted).toBe(true);
    expect(run.state).toBe('cancelled');
    expect((await project.store.runs.get(id))?.state).toBe('cancelled');
    // The abort explains whatever error came of it; "killed under the load" would only mislead.
    expect(toRunError(run)).toMatchObject({
      code: 'cancelled',
      message: `Run ${id} was cancelled. It had come to 42 % (process 4 of 10 measured); it was cancelled by request.`,
      next: [{ tool: 'measure_baseline', arguments: { workload: 'list-posts' } }],
    });
  });

  it('answers with the end of a run that has ended already', async () => {
    const { project, runs } = await setUp();
    const { job, finish } = controlled();
    const id = await runs.start(project, SPEC, job);
    finish();
    await runs.wait(project, id, { waitMs: 1000, signal: NEVER });
    expect((await runs.cancel(project, id)).run.state).toBe('done');
  });

  it('is interrupted by a shutdown, which kills what was started and takes no new run', async () => {
    const { world, project, runs } = await setUp();
    const { job, begun } = controlled();
    const id = await runs.start(project, SPEC, job);
    await begun;
    await runs.shutdown();
    expect(world.killedAll()).toBe(1);
    expect(await project.store.runs.get(id)).toMatchObject({
      state: 'interrupted',
      error: { code: 'cancelled' },
    });
    expect((await project.store.runs.get(id))?.ended_at).not.toBeNull();
    await expect(runs.start(project, SPEC, job)).rejects.toThrow('shutting down');
  });
});

describe('runs of other servers', () => {
  const foreign = { pid: 999, started_at: 'start of 999' };

  it('are marked interrupted when their server is gone, and what they left is removed', async () => {
    const { world, project, runs } = await setUp();
    await project.store.runs.create(aRun({ id: 'run_dead', owner: foreign }));
    await project.store.runs.create(aRun({ id: 'run_over', owner: foreign, state: 'done' }));
    const snapshot = await project.snapshots.take();
    const checkout = { snapshot, slot: 'a', include: [], signal: NEVER } as const;
    await project.checkouts.materialize({ ...checkout, runId: 'run_dead' });
    expect(await runs.recover(project)).toEqual(['run_dead']);
    const dead = await project.store.runs.get('run_dead');
    expect(dead).toMatchObject({ state: 'interrupted' });
    expect(dead?.ended_at).not.toBeNull();
    expect(dead && toRunError(dead).message).toContain('25 % (block 2 of 8); its server ended');
    expect(world.reaped).toEqual(['run_dead']);
    expect(world.checkouts()).toEqual([]);
    expect(await runs.recover(project)).toEqual([]);
  });

  it('are left alone while their server lives', async () => {
    const { world, project, runs } = await setUp();
    world.settings.alive = () => true;
    await project.store.runs.create(aRun({ id: 'run_far', owner: foreign }));
    const snapshot = await project.snapshots.take();
    await project.checkouts.materialize({
      snapshot,
      slot: 'a',
      include: [],
      signal: NEVER,
      runId: 'run_far',
    });
    expect(await runs.recover(project)).toEqual([]);
    expect((await project.store.runs.get('run_far'))?.state).toBe('running');
    expect(world.checkouts()).toEqual(['/checkouts/run_far/a']);
    await expect(runs.cancel(project, 'run_far')).rejects.toMatchObject({ code: 'busy' });
  });

  it('are polled while their server lives, until they end or the wait is over', async () => {
    const { world, project, runs } = await setUp();
    world.settings.alive = () => true;
    await project.store.runs.create(aRun({ id: 'run_far', owner: foreign }));
    const state = await waitWhileTimePasses(
      world,
      runs.wait(project, 'run_far', { waitMs: 1200, signal: NEVER }),
    );
    expect(state.run.state).toBe('running');

    const longer = runs.wait(project, 'run_far', { waitMs: 60_000, signal: NEVER });
    await project.store.runs.update('run_far', { state: 'done', result: ANSWER });
    expect((await waitWhileTimePasses(world, longer)).run).toMatchObject({ state: 'done', result: ANSWER });
  });

  it('are found interrupted when their server dies while somebody waits', async () => {
    const { world, project, runs } = await setUp();
    world.settings.alive = () => true;
    await project.store.runs.create(aRun({ id: 'run_far', owner: foreign }));
    const waiting = runs.wait(project, 'run_far', { waitMs: 60_000, signal: NEVER });
    await world.clock.advance(500);
    world.settings.alive = () => false;
    expect((await waitWhileTimePasses(world, waiting)).run.state).toBe('interrupted');
  });
});

/** Half a second of the manual clock at a time, until the promise settles. */
async function waitWhileTimePasses<T>(world: FakeWorld, promise: Promise<T>): Promise<T> {
  const over = new AbortController();
  const steps = (async () => {
    while (!over.signal.aborted) await world.clock.advance(500);
  })();
  const value = await promise.finally(() => over.abort());
  await steps;
  return value;
}
