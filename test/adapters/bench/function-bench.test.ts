import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFunctionBench } from '../../../src/adapters/bench/function-bench.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import type { FunctionBench, FunctionMeasurementPlan } from '../../../src/core/ports/bench.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
const never = new AbortController().signal;
let children: BundledChildren;
let bench: FunctionBench;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/bench', ['child-function']);
  cpSync(join(import.meta.dirname, '..', '..', 'fixtures', 'functions'), directory.path, { recursive: true });
  bench = createFunctionBench({
    processes,
    harnessFile: children.file('child-function'),
    tsxLoader: () => import.meta.resolve('tsx'),
  });
});
afterAll(async () => {
  await processes.killAll();
  await children.remove();
});

type Change = Partial<FunctionMeasurementPlan>;

/** Short: what is asserted are counts, failures and ratios, never times. */
function planOf(module: string, change: Change = {}): FunctionMeasurementPlan {
  return {
    workload: 'sum',
    directory: directory.path,
    module,
    export: 'default',
    args: { json: [[1, 2, 3]] },
    env: { PATH: process.env['PATH'] ?? '', HOME: directory.path },
    nodeArgs: [],
    warmupMs: 20,
    timedMs: 20,
    callsPerTiming: 10,
    timeoutMs: 60_000,
    runId: 'run_bench000',
    onWindow: () => Promise.resolve(),
    ...change,
  };
}

const measure = (module: string, change: Change = {}, signal = never) =>
  bench.measure(planOf(module, change), signal);

/** Of the harnesses of this file. */
function expectNothingLeft(): void {
  const alive = readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && commandLine(pid).includes(children.file('child-function')),
  );
  expect(alive).toEqual([]);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Ended between the two looks.
    return '';
  }
}

describe('a function is found in', () => {
  it.each([
    ['an ES module, by default', 'sums.mjs', 'default'],
    ['an ES module, by name', 'sums.mjs', 'sum'],
    ['an exported object, which is its `this`', 'sums.mjs', 'tools.scaled'],
    ['a class, as a static method', 'sums.mjs', 'Counter.make'],
    ['a CommonJS module', 'sums.cjs', 'default'],
    ['an object of a CommonJS module', 'sums.cjs', 'nested.sum'],
    ['TypeScript as CommonJS, with paths of its own tsconfig.json', 'typed/src/inner.ts', 'default'],
    ['TypeScript as CommonJS, by name', 'typed/src/inner.ts', 'walk'],
    ['TypeScript as an ES module', 'typed-esm/src/inner.ts', 'default'],
    ['TypeScript as an ES module, by name', 'typed-esm/src/inner.ts', 'walk'],
    ['an async function', 'sums.mjs', 'later'],
  ])('%s', async (_where, module, name) => {
    const measured = await measure(module, { export: name });
    expect(measured.timings).toBeGreaterThanOrEqual(5);
    expect((measured.calls / measured.timings) % 10).toBe(0);
    expect(measured.wallLowMs).toBeGreaterThan(0);
    expect(measured.wallLowMs).toBeLessThanOrEqual(measured.wallMedianMs);
    expect(measured.windowMs).toBeGreaterThanOrEqual(20);
    expect(measured.importMs).toBeGreaterThan(0);
    // More than Node.js itself needs, and less than the process that runs the tests.
    expect(measured.rssPeakBytes / 2 ** 20).toBeGreaterThan(20);
    expect(measured.inputsChanged).toBe(false);
  });

  it('fails with the exports that there are', async () => {
    await expect(measure('sums.mjs', { export: 'product' })).rejects.toMatchObject({
      kind: 'target',
      code: 'function_failed',
      message: 'sums.mjs has no export "product".',
      output: expect.stringContaining('tools') as string,
      next: [expect.objectContaining({ tool: 'define_goals' })],
    });
    await expect(measure('sums.mjs', { export: 'notAFunction' })).rejects.toThrow(
      'has no function, but a value of type number, as export "notAFunction"',
    );
  });

  it('fails where the module cannot be loaded', async () => {
    await expect(measure('broken-import.mjs')).rejects.toMatchObject({
      code: 'function_failed',
      message: 'broken-import.mjs could not be loaded.',
      output: expect.stringContaining('is-not-there.mjs') as string,
    });
  });
});

describe('arguments', () => {
  it.each([
    ['none', undefined, 1],
    ['JSON', { json: [[4]] }, 1],
    ['a file', { file: 'one.json' }, 1],
    ['a generator that returns an array', { module: 'inputs.mjs', export: 'arrays' }, 1],
    ['a generator function', { module: 'inputs.mjs', export: 'yielded' }, 3],
    ['an async generator function', { module: 'inputs.mjs', export: 'awaited' }, 1],
    ['a promise', { module: 'inputs.mjs', export: 'promised' }, 1],
    ['TypeScript', { module: 'typed/src/inner.ts', export: 'inputs' }, 1],
  ] as const)('come from %s', async (_from, args, inputs) => {
    const { args: _default, ...plan } = planOf('allocating.mjs', { export: 'nothing', size: 7 });
    const calibrated = await bench.calibrate(
      { ...plan, ...(args === undefined ? {} : { args: 'json' in args ? { json: [...args.json] } : args }) },
      never,
    );
    expect(calibrated.inputs).toBe(inputs);
    expect(calibrated.callsPerTiming % inputs).toBe(0);
    // Hardly more than a nanosecond each, and a timing is a quarter of a millisecond.
    expect(calibrated.callsPerTiming).toBeGreaterThan(100);
  });

  it.each([
    ['object.json does not hold an array', { file: 'object.json' }],
    ['broken.json could not be read as JSON', { file: 'broken.json' }],
    ['no-such.json could not be read', { file: 'no-such.json' }],
    ['"none" of inputs.mjs gave no input', { module: 'inputs.mjs', export: 'none' }],
    ['input 0 of "notArrays" of inputs.mjs is not an array', { module: 'inputs.mjs', export: 'notArrays' }],
    ['"notIterable" of inputs.mjs did not return an array', { module: 'inputs.mjs', export: 'notIterable' }],
    ['"endless" of inputs.mjs gave more than 10000 inputs', { module: 'inputs.mjs', export: 'endless' }],
    ['inputs.mjs has no export "absent"', { module: 'inputs.mjs', export: 'absent' }],
    ['"throwing" of inputs.mjs threw', { module: 'inputs.mjs', export: 'throwing' }],
  ])('%s: said with the size', async (problem, args) => {
    const failed = measure('sums.mjs', { args, size: 300 });
    await expect(failed).rejects.toMatchObject({ code: 'function_failed' });
    await expect(failed).rejects.toThrow(
      `The arguments of "default" at size 300 could not be made: ${problem}`,
    );
  });

  it('are said to change, by the function or by the generator', async () => {
    const sorted = await measure('mutating.mjs', { export: 'sortInPlace', args: { json: [[3, 1, 2]] } });
    expect(sorted.inputsChanged).toBe(true);
    const random = await measure('sums.mjs', { args: { module: 'inputs.mjs', export: 'random' } });
    expect(random.inputsChanged).toBe(true);
  });
});

describe('a function that fails', () => {
  it('at the third size names the size and the input', async () => {
    const at = (size: number) =>
      measure('failing.mjs', { export: 'third', args: { module: 'inputs.mjs', export: 'arrays' }, size });
    expect((await at(10)).calls).toBeGreaterThan(0);
    expect((await at(100)).calls).toBeGreaterThan(0);
    await expect(at(1000)).rejects.toMatchObject({
      kind: 'target',
      code: 'function_failed',
      message: '"third" of failing.mjs failed at size 1000 for input 0 (of 1, counted from 0).',
      output: expect.stringContaining('RangeError: too long: 1000') as string,
      next: [{ tool: 'measure_baseline', arguments: { workload: 'sum' } }].map(
        (step) => expect.objectContaining(step) as object,
      ),
    });
  });

  it('names the input among several', async () => {
    const args = { module: 'inputs.mjs', export: 'yielded' };
    const failed = measure('failing.mjs', { export: 'secondInput', args, size: 1 });
    await expect(failed).rejects.toThrow('at size 1 for input 1 (of 3, counted from 0)');
    await expect(failed).rejects.toHaveProperty(
      'output',
      expect.stringMatching(/only one[^]*Arguments: \[ \[ 0, 1 \] \]/),
    );
  });

  it('rejects, or throws what is no error', async () => {
    await expect(measure('failing.mjs', { export: 'rejects' })).rejects.toHaveProperty(
      'output',
      expect.stringContaining('Error: rejected'),
    );
    await expect(measure('failing.mjs', { export: 'throwsText' })).rejects.toHaveProperty(
      'output',
      expect.stringContaining('just text'),
    );
  });

  it('has a stack that names the line of the TypeScript', async () => {
    await expect(measure('typed/src/inner.ts', { export: 'fails' })).rejects.toHaveProperty(
      'output',
      expect.stringMatching(/inner\.ts:20:/),
    );
  });

  it('ends the process, or lets an error go outside of the call', async () => {
    await expect(measure('failing.mjs', { export: 'exits' })).rejects.toMatchObject({
      code: 'function_failed',
      message: 'The process that calls "exits" of failing.mjs ended by itself (exit code 3).',
    });
    await expect(measure('failing.mjs', { export: 'later' })).rejects.toMatchObject({
      message: expect.stringContaining('ended by itself (exit code 1)') as string,
      output: expect.stringContaining('outside of the call') as string,
    });
  });

  it.each(['never', 'neverSettles'])('%s: is killed at its limit, and the next run works', async (name) => {
    await expect(measure('failing.mjs', { export: name, timeoutMs: 1500 })).rejects.toMatchObject({
      kind: 'target',
      code: 'function_failed',
      message: `The process that calls "${name}" of failing.mjs was not done after 1.5 s and was killed.`,
    });
    expectNothingLeft();
    expect((await measure('sums.mjs')).calls).toBeGreaterThan(0);
  });

  it('is killed when the run is aborted', async () => {
    const controller = new AbortController();
    const measured = measure('failing.mjs', { export: 'never' }, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 500);
    await expect(measured).rejects.toThrow('enough');
    expectNothingLeft();
  });
});

describe('the process', () => {
  it('may print a megabyte and read its stdin', async () => {
    const measured = await measure('noisy.mjs', { export: 'print', args: { json: [1] } });
    expect(measured.calls).toBeGreaterThan(0);
  });

  it('has the directory, the environment and the options that were asked for', async () => {
    directory.write(
      'where.mjs',
      'export default (...want) => { const is = [process.cwd(), process.env.MARK, process.execArgv.join()]; if (is.join() !== want.join()) throw new Error(is.join()); };',
    );
    const args = { json: [directory.path, 'seen', '--max-semi-space-size=8'] };
    const env = { ...planOf('').env, MARK: 'seen' };
    const measured = await measure('where.mjs', { args, env, nodeArgs: ['--max-semi-space-size=8'] });
    expect(measured.calls).toBeGreaterThan(0);
  });

  it('says when its window opens and closes, and waits for us', async () => {
    const edges: string[] = [];
    await measure('sums.mjs', {
      onWindow: async (edge) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        edges.push(edge);
      },
    });
    expect(edges).toEqual(['opens', 'closes']);
    const failed = measure('sums.mjs', { onWindow: () => Promise.reject(new Error('no counters')) });
    await expect(failed).rejects.toThrow('no counters');
    expectNothingLeft();
  });

  it('leaves no socket behind', async () => {
    // The system's temporary directory is everybody's: other tests make sockets there at the same time.
    vi.stubEnv('TMPDIR', directory.path);
    onTestFinished(() => void vi.unstubAllEnvs());
    const sockets = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('do-') && existsSync(join(tmpdir(), name, 's')));
    const before = sockets();
    await measure('sums.mjs');
    expect(sockets().filter((name) => !before.includes(name))).toEqual([]);
  });
});

describe('what is measured', () => {
  /** The lower of a few tries: a neighbour can only make one slower. */
  async function lowOf(module: string, name: string, change: Change = {}): Promise<number> {
    const tries = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      tries.push(
        (
          await measure(module, {
            export: name,
            callsPerTiming: 5000,
            timedMs: 100,
            warmupMs: 100,
            ...change,
          })
        ).wallLowMs,
      );
    }
    return Math.min(...tries);
  }

  it('is the work of a pure function with constant arguments, every time', async () => {
    const args = { json: [0.5] };
    const [once, fourTimes] = [
      await lowOf('pure.mjs', 'once', { args }),
      await lowOf('pure.mjs', 'fourTimes', { args }),
    ];
    // Four times the work, but for what a call itself costs. With results thrown away it was 1.1.
    expect(fourTimes / once).toBeGreaterThan(2);
  });

  it('is not the names that tsx wants inner functions to keep', async () => {
    const args = { json: [1] };
    const plain = await lowOf('inner.mjs', 'walk', { args });
    // 80 to 200 times as much with tsx as it is.
    for (const module of ['typed/src/inner.ts', 'typed-esm/src/inner.ts']) {
      expect((await lowOf(module, 'walk', { args })) / plain).toBeLessThan(8);
    }
  });

  it('is whole cycles through the inputs', async () => {
    const args = { module: 'inputs.mjs', export: 'yielded' };
    const measured = await measure('sums.mjs', { args, size: 10, callsPerTiming: 10 });
    expect((measured.calls / measured.timings) % 12).toBe(0);
  });

  it('has few timings of a function that is far shorter than its calibration said', async () => {
    const args = { json: [0.5] };
    const { calls, timings } = await measure('pure.mjs', {
      export: 'once',
      args,
      callsPerTiming: 1,
      timedMs: 100,
    });
    // A sixteenth of a millisecond each at least; with one call in each they were 200,000, and their list was the peak of memory.
    expect(timings).toBeLessThan(5000);
    expect(calls / timings).toBeGreaterThan(20);
  });

  it.each([
    ['objects', 'objects', 50],
    ['an async function', 'promised', 50],
    ['buffers', 'buffer', 100_000],
    // More than the young generation holds: collections fall into the count.
    ['many objects', 'objects', 400_000],
  ])('counts the bytes that a call allocates, the same in every process: %s', async (_of, name, argument) => {
    const change = { export: name, args: { json: [argument] }, callsPerTiming: 1 };
    const counts: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      counts.push((await measure('allocating.mjs', change)).allocatedBytesPerCall);
    }
    // At least a pointer for each object; the buffer with its contents.
    expect(Math.min(...counts)).toBeGreaterThan(argument);
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.01);
  });

  it('counts nothing where nothing is allocated', async () => {
    const measured = await measure('allocating.mjs', {
      export: 'nothing',
      args: { json: [1] },
      callsPerTiming: 1000,
    });
    expect(measured.allocatedBytesPerCall).toBeLessThan(1);
  });

  it('shows collections in their share of the window', async () => {
    const busy = await measure('allocating.mjs', {
      export: 'objects',
      args: { json: [50_000] },
      callsPerTiming: 1,
      timedMs: 200,
    });
    expect(busy.gcMs).toBeGreaterThan(0);
    expect(busy.gcMs).toBeLessThan(busy.windowMs);
    expect(busy.cpuUs).toBeGreaterThan(0);
    expect(busy.edgeToEdgeCpuUs).toBeGreaterThanOrEqual(busy.cpuUs);
  });
});
