import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCommandRuns } from '../../../src/adapters/command/command-runs.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import type {
  ChildUsage,
  CommandRun,
  CommandRuns,
  CommandRunSpec,
} from '../../../src/core/ports/command-runs.ts';
import { bundleChildren, type BundledChildren } from '../../support/bundle-children.ts';
import { isRunning } from '../liveness.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { waitUntil } from '../wait-until.ts';

const onLinux = process.platform === 'linux';
const directory = createTemporaryDirectory();
/** Temporary files of the runs: what others leave in the common place is not taken for ours. */
const scratch = createTemporaryDirectory();
const killedScratch = createTemporaryDirectory();
const processes = createProcesses();
const { signal } = new AbortController();
const env = { PATH: process.env['PATH'] ?? '' };
let children: BundledChildren;
let runs: CommandRuns;

beforeAll(async () => {
  vi.stubEnv('TMPDIR', scratch.path);
  children = await bundleChildren('src/adapters/command', ['child-launcher']);
  runs = createCommandRuns({ processes, launcherFile: children.file('child-launcher') });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await processes.killAll();
  await children.remove();
});

function specOf(command: readonly string[], change: Partial<CommandRunSpec> = {}): CommandRunSpec {
  return {
    command,
    cwd: directory.path,
    env,
    timeoutMs: 60_000,
    runId: 'run_command0',
    expect: { files: [] },
    ...change,
  };
}

const node = (script: string, ...args: string[]): readonly string[] => [
  process.execPath,
  '-e',
  script,
  ...args,
];
const run = (command: readonly string[], change?: Partial<CommandRunSpec>): Promise<CommandRun> =>
  runs.run(specOf(command, change), signal);

function usageOf({ usage }: CommandRun): ChildUsage {
  if (usage === null) throw new Error('no usage: is koffi installed?');
  return usage;
}

async function readPid(name: string): Promise<number> {
  const file = join(directory.path, name);
  // It is there before its text is, and no process has the pid 0.
  return waitUntil(
    `${name} is written`,
    () => (existsSync(file) && Number(readFileSync(file, 'utf8'))) || undefined,
  );
}

describe('what is seen of a run that is not timed', () => {
  const text = (value: string) => ({ kind: 'text', text: value });

  test('is its output to the last byte and the files that it is expected to leave, without the place', async () => {
    const file = join(directory.path, 'report.txt');
    const script = `
      for (let line = 0; line < 20000; line++) console.log('line ' + line);
      console.log('written to ' + process.cwd());
      require('fs').writeFileSync('report.txt', 'in ' + process.cwd());`;
    const { seen, missingFiles } = await run(node(script), {
      expect: { files: [file, join(directory.path, 'none.txt')] },
      scope: { places: [[directory.path, '<checkout>']] },
    });
    expect(seen?.stdout).toMatchObject({
      text: expect.stringMatching(/^line 0\n[^]*\nline 19999\nwritten to <checkout>\n$/) as unknown,
    });
    expect(seen?.files).toEqual({ [file]: text('in <checkout>') });
    expect(missingFiles).toEqual([join(directory.path, 'none.txt')]);
  });

  test('is a digest of what is large, and Base64 of what is no text', async () => {
    const [large, binary] = [join(directory.path, 'large.bin'), join(directory.path, 'small.bin')];
    const script = `
      require('fs').writeFileSync('large.bin', 'x'.repeat(17 * 1024 * 1024));
      require('fs').writeFileSync('small.bin', Buffer.from([0xff, 0xfe]));`;
    const { seen } = await run(node(script), { expect: { files: [large, binary] }, scope: { places: [] } });
    expect(seen?.files[large]).toMatchObject({ kind: 'digest', bytes: 17 * 1024 * 1024 });
    expect(seen?.files[binary]).toEqual(text('//4='));
    expect(seen?.stdout).toEqual(text(''));
  });

  test('is nothing where nobody asks', async () => {
    expect((await run(node('console.log(1)'))).seen).toBeUndefined();
  });
});

const planFolders = (): readonly string[] =>
  readdirSync(scratch.path).filter((name) => name.startsWith('deep-optimize-command-'));

describe('run', () => {
  test('tells how the command ended and what it printed', async () => {
    const ended = await run(node(`console.log('out'); console.error('err'); process.exitCode = 3`));
    expect(ended).toMatchObject({
      exit: { code: 3, signal: null },
      timedOut: false,
      leftRunning: 0,
      stdout: 'out\n',
      stderr: 'err\n',
      stdoutIncludes: null,
      missingFiles: [],
    });
    expect(ended.wallMs).toBeGreaterThan(0);
    expect((await run(node(`process.kill(process.pid, 'SIGKILL')`))).exit).toEqual({
      code: null,
      signal: 'SIGKILL',
    });
  });

  test('gives it environment, directory and standard input, and nothing of ours but the marks', async () => {
    const stdinFile = directory.write('input.txt', 'line 1\nline 2\n');
    const script = `const { DEEP_OPTIMIZE_RUN, DEEP_OPTIMIZE_TREE, ...rest } = process.env;
      console.log(JSON.stringify([DEEP_OPTIMIZE_RUN, DEEP_OPTIMIZE_TREE.length, rest, process.cwd(), require('fs').readFileSync(0, 'utf8')]))`;
    const ended = await run(node(script), { env: { ...env, A: '1' }, stdinFile });
    expect(JSON.parse(ended.stdout)).toEqual([
      'run_command0',
      12,
      { ...env, A: '1' },
      directory.path,
      'line 1\nline 2\n',
    ]);
    expect((await run(node(`console.log(require('fs').readFileSync(0, 'utf8') === '')`))).stdout).toBe(
      'true\n',
    );
  });

  test('looks for text in everything that is printed, and for files', async () => {
    const script = `console.log('needle'); for (let i = 0; i < 5000; i++) console.log('hay'.repeat(20)); require('fs').writeFileSync('made', '')`;
    const files = ['made', 'not-made'].map((name) => join(directory.path, name));
    const ended = await run(node(script), { expect: { files, stdoutIncludes: 'needle' } });
    expect(ended.stdout).not.toContain('needle');
    expect(ended).toMatchObject({ stdoutIncludes: true, missingFiles: [files[1]] });
    expect(await run(['true'], { expect: { files: [], stdoutIncludes: 'needle' } })).toMatchObject({
      stdoutIncludes: false,
    });
  });

  test('says why a command could not be started', async () => {
    const missing = await run(['no-such-program-here']);
    expect(missing.exit.startError).toContain('ENOENT');
    expect(missing.usage).toBeNull();
    const input = await run(['true'], { stdinFile: join(directory.path, 'no-such-file') });
    expect(input.exit.startError).toContain('no-such-file');
  });

  test('leaves no plan behind, which holds the environment', async () => {
    await run(['true']);
    expect(planFolders()).toEqual([]);
  });
});

describe.runIf(onLinux)('usage', () => {
  /** Burns that many ms of CPU by its own clock. */
  const burn = `const end = process.cpuUsage().user + Number(process.argv[1]) * 1000; while (process.cpuUsage().user < end);`;

  test('counts the CPU of children and grandchildren, and not that of the launcher', async () => {
    const tree = `const { spawnSync } = require('child_process');
      const burn = ${JSON.stringify(burn)};
      if (process.argv[1] === 'outer') spawnSync(process.execPath, ['-e', process.argv[2], 'inner', process.argv[2]]);
      spawnSync(process.execPath, ['-e', burn, '150']);`;
    const ended = await run(node(tree, 'outer', tree));
    const { userUs, systemUs } = usageOf(ended);
    expect(userUs + systemUs).toBeGreaterThan(300_000);
    const { userUs: noopUs } = usageOf(await run(['true']));
    expect(userUs).toBeGreaterThan(10 * noopUs);
    expect(ended.launcherCpuUs).toBeGreaterThan(0);
  });

  test('knows the peak of a process that gave its memory back, and of several together', async () => {
    const MIB = 2 ** 20;
    const hold = `const held = Buffer.alloc(Number(process.argv[1]) * ${MIB}, 1);`;
    const one = await run(node(`${hold} setTimeout(() => held.length, 0)`, '200'));
    expect(usageOf(one).largestRssBytes).toBeGreaterThan(200 * MIB);
    // Two at once, each until the other has what it wants: a look of 200 ms must see both.
    const both = `const { spawn } = require('child_process');
      for (let i = 0; i < 2; i++) spawn(process.execPath, ['-e', ${JSON.stringify(`${hold} setTimeout(() => held.length, 1500)`)}, '150']);`;
    const two = await run(node(both));
    const largest = usageOf(two).largestRssBytes;
    expect(largest).toBeGreaterThan(150 * MIB);
    expect(two.sampledRssBytes ?? 0).toBeGreaterThan(1.5 * largest);
  });

  test('the memory of the one who starts it is not taken for that of the command', async () => {
    const held = Buffer.alloc(200 * 2 ** 20, 1);
    expect(usageOf(await run(['true'])).largestRssBytes).toBeLessThan(50 * 2 ** 20);
    expect(held.length).toBeGreaterThan(0);
  });

  test('counts context switches of both sorts', async () => {
    const pause = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);`;
    const waiting = usageOf(await run(node(`for (let i = 0; i < 300; i++) ${pause}`)));
    expect(waiting.voluntarySwitches).toBeGreaterThan(300);
    expect(waiting.involuntarySwitches).toBeGreaterThanOrEqual(0);
  });

  test('a no-op costs next to nothing, measured once', async () => {
    const first = await runs.startOverhead('run_command0', signal);
    expect(first?.wallMs).toBeGreaterThan(0);
    expect(first?.cpuUs).toBeGreaterThan(0);
    expect(first?.rssBytes).toBeGreaterThan(0);
    expect(await runs.startOverhead('run_command0', signal)).toBe(first);
    const burnt = usageOf(await run(node(burn, '100')));
    expect(burnt.userUs).toBeGreaterThan(5 * (first?.cpuUs ?? Infinity));
  });

  test('without the FFI there is no usage, and nothing pretends that there is', async () => {
    const bare = await bundleChildren('src/adapters/command', ['child-launcher'], { without: ['koffi'] });
    try {
      const own = createCommandRuns({ processes, launcherFile: bare.file('child-launcher') });
      const ended = await own.run(specOf(['true']), signal);
      expect(ended).toMatchObject({ exit: { code: 0 }, usage: null });
      expect(await own.startOverhead('run_command0', signal)).toMatchObject({ cpuUs: null, rssBytes: null });
    } finally {
      await bare.remove();
    }
  });
});

describe.runIf(onLinux)('what it starts is ended', () => {
  const LIVE = `require('fs').writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000);`;
  /** A shell whose grandchild leads a session of its own and ignores SIGTERM, and which waits for ever. */
  const hang = [
    'sh',
    '-c',
    `setsid "$0" -e "process.on('SIGTERM', () => {}); ${LIVE}" "$1" & wait; sleep 1000`,
  ];

  test('at the limit, with grandchildren in sessions of their own; the next run is like any other', async () => {
    const ended = await run([...hang, process.execPath, 'far-limit'], { timeoutMs: 1500 });
    expect(ended).toMatchObject({ timedOut: true, usage: null, exit: { code: null } });
    expect(isRunning(await readPid('far-limit'))).toBe(false);
    expect(await run(['sh', '-c', 'echo fine'])).toMatchObject({ exit: { code: 0 }, stdout: 'fine\n' });
  });

  test('what a command leaves in the background is counted, and ended', async () => {
    const ended = await run(['sh', '-c', 'sleep 1000 & echo $!']);
    expect(ended).toMatchObject({ exit: { code: 0 }, timedOut: false, leftRunning: 1 });
    expect(isRunning(Number(ended.stdout))).toBe(false);
  });

  test('when the run is aborted', async () => {
    const abort = new AbortController();
    const running = runs.run(specOf([...hang, process.execPath, 'far-abort']), abort.signal);
    const pid = await readPid('far-abort');
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(isRunning(pid)).toBe(false);
    expect(planFolders()).toEqual([]);
    await expect(runs.run(specOf(['true']), abort.signal)).rejects.toBe(reason);
  });

  test('when the server that started it is killed', async () => {
    const at = (path: string) => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
    const server = directory.write(
      'server.mts',
      `import { createProcesses } from ${at('src/adapters/process/processes.ts')};
       import { createCommandRuns } from ${at('src/adapters/command/command-runs.ts')};
       const runs = createCommandRuns({ processes: createProcesses(), launcherFile: ${JSON.stringify(children.file('child-launcher'))} });
       await runs.run({ command: [process.execPath, '-e', ${JSON.stringify(LIVE)}, 'near'], cwd: ${JSON.stringify(directory.path)}, env: {}, timeoutMs: 60000, runId: 'run_command0', expect: { files: [] } }, new AbortController().signal);`,
    );
    const tsx = new URL('../../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;
    const killed = processes.spawn({
      command: [process.execPath, '--import', tsx, server],
      cwd: directory.path,
      env: { ...env, TMPDIR: killedScratch.path },
    });
    const pid = await readPid('near');
    process.kill(killed.pid ?? 0, 'SIGKILL');
    await waitUntil('the command is gone', () => !isRunning(pid));
    await killed.kill();
    const [left = ''] = readdirSync(killedScratch.path).filter((name) => name.startsWith('deep-optimize'));
    expect(readdirSync(join(killedScratch.path, left))).toEqual([]);
  });
});

describe('counting instructions', () => {
  const hasValgrind = spawnSync('valgrind', ['--version']).error === undefined;
  const count = (command: readonly string[], change?: Partial<CommandRunSpec>) =>
    runs.countInstructions(specOf(command, change), signal);
  /** As many steps of a shell's loop. */
  const loop = (steps: number) => `i=0; while [ $i -lt ${steps} ]; do i=$((i+1)); done`;

  test.skipIf(!hasValgrind)(
    'tells unchanged programs apart from ones that do a little more, children included',
    async () => {
      const [one, same, more] = [
        await count(['sh', '-c', loop(3000)]),
        await count(['sh', '-c', loop(3000)]),
        await count(['sh', '-c', loop(3300)]),
      ].map(({ instructions }) => instructions ?? NaN);
      expect(one).toBeGreaterThan(100_000);
      expect(Math.abs((same ?? NaN) / (one ?? NaN) - 1)).toBeLessThan(0.002);
      expect((more ?? NaN) / (one ?? NaN)).toBeGreaterThan(1.01);
      const child = await count(['sh', '-c', `sh -c '${loop(3000)}'; true`]);
      expect(child.instructions ?? NaN).toBeGreaterThan(one ?? NaN);
      expect(child.run).toMatchObject({ exit: { code: 0 }, leftRunning: 0 });
    },
  );

  test.skipIf(!hasValgrind)('ends as the program ends, and leaves no file', async () => {
    const { run: ended } = await count(['sh', '-c', 'echo out; exit 3'], {
      expect: { files: [], stdoutIncludes: 'out' },
    });
    expect(ended).toMatchObject({ exit: { code: 3 }, stdoutIncludes: true });
    expect(readdirSync(scratch.path).filter((name) => name.includes('counts'))).toEqual([]);
  });

  test('says when there is no valgrind', async () => {
    const answer = await count(['true'], { env: { PATH: scratch.path } });
    expect(answer).toMatchObject({ hasValgrind: false, instructions: null });
  });
});
