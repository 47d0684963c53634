import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCheckouts } from '../../../src/adapters/snapshots/create-checkouts.ts';
import type { Checkout, Checkouts, Snapshots } from '../../../src/core/ports/snapshots.ts';
import { git, writeFiles } from '../../support/git-project.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { simpleProcesses } from '../../support/simple-processes.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { baseEnv, openSnapshots } from './open-snapshots.ts';

interface Opened {
  readonly checkouts: Checkouts;
  readonly snapshots: Snapshots;
  readonly cacheDir: string;
  readonly materialize: (change?: { slot?: 'a' | 'b'; include?: readonly string[] }) => Promise<Checkout>;
}

async function opened(directory: string): Promise<Opened> {
  const home = await temporaryDirectory();
  const [cacheDir, temporaryDir] = [join(home, 'cache'), join(home, 'tmp')];
  const snapshots = openSnapshots(directory);
  const processes = simpleProcesses;
  const checkouts = createCheckouts({ directory, snapshots, processes, baseEnv, cacheDir, temporaryDir });
  const materialize: Opened['materialize'] = async ({ slot = 'a', include = [] } = {}) =>
    checkouts.materialize({
      snapshot: await snapshots.take(),
      runId: 'run_1',
      slot,
      include,
      signal: new AbortController().signal,
    });
  return { checkouts, snapshots, cacheDir, materialize };
}

/** A package with one dependency that lies on the disk, so that an install needs no network. */
function npmProject(directory: string, version: string): void {
  writeFiles(directory, {
    '.gitignore': 'node_modules\n',
    'package.json': JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { dep: 'file:./dep' } }),
    'package-lock.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'app', version: '1.0.0', dependencies: { dep: 'file:./dep' } },
        dep: { version },
        'node_modules/dep': { resolved: 'dep', link: true },
      },
    }),
    'dep/package.json': JSON.stringify({ name: 'dep', version, main: 'index.js' }),
    'dep/index.js': `module.exports = ${JSON.stringify(version)};\n`,
    'index.js': `console.log(require('dep'), require('other').where);\n`,
  });
}

describe('dependencies', () => {
  test('are shared while the lockfile is the same; packages of the project are the checkout’s own', async () => {
    const project = await temporaryDirectory();
    npmProject(project, '1.0.0');
    writeFiles(project, {
      'node_modules/other/index.js': 'exports.where = "shared";\n',
      'node_modules/@scope/real/index.js': '',
    });
    symlinkSync('../dep', join(project, 'node_modules/dep'));
    const { materialize } = await opened(project);
    const a = await materialize();
    const b = await materialize({ slot: 'b' });
    writeFiles(project, { 'dep/index.js': 'module.exports = "edited meanwhile";\n' });

    expect(a.dependencies).toBe('shared');
    expect(a.directory).toHaveLength(b.directory.length);
    const run = { command: [process.execPath, 'index.js'], cwd: a.directory, env: baseEnv, input: '' };
    expect((await simpleProcesses.run(run, { timeoutMs: 20_000 })).stdout).toBe('1.0.0 shared\n');
    expect(readlinkSync(join(a.directory, 'node_modules/@scope/real'))).toBe(
      join(project, 'node_modules/@scope/real'),
    );
  });

  test('are linked one by one, so that caches of tools are nobody else’s', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      'package.json': '{"dependencies":{"other":"1"}}',
      'yarn.lock': '# yarn lockfile v1',
      'node_modules/other/index.js': '',
      'node_modules/.cache/tool/old.json': '',
      'node_modules/.bin/other': '',
      'packages/p/package.json': '{}',
      'packages/p/node_modules/inner/index.js': '',
    });
    const { materialize } = await opened(project);
    const { directory, dependencies, linked } = await materialize();
    expect({ dependencies, linked }).toEqual({ dependencies: 'shared', linked: [] });
    expect(readdirSync(join(directory, 'node_modules')).sort()).toEqual(['.bin', 'other']);
    for (const path of ['node_modules/.bin', 'node_modules/other', 'packages/p/node_modules/inner'])
      expect(readlinkSync(join(directory, path))).toBe(join(project, path));
    writeFiles(directory, { 'node_modules/.cache/tool/new.json': '' });
    expect(readdirSync(join(project, 'node_modules/.cache/tool'))).toEqual(['old.json']);
  });

  test('are installed when the lockfile of the snapshot is another one', async () => {
    const project = await temporaryDirectory();
    npmProject(project, '1.0.0');
    const { checkouts, snapshots } = await opened(project);
    const snapshot = await snapshots.take();
    npmProject(project, '2.0.0');
    mkdirSync(join(project, 'node_modules'));
    const { directory, dependencies } = await checkouts.materialize({
      snapshot,
      runId: 'run_1',
      slot: 'a',
      include: [],
      signal: new AbortController().signal,
    });
    expect(dependencies).toBe('installed');
    expect(realpathSync(join(directory, 'node_modules/dep'))).toBe(join(directory, 'dep'));
    expect(readdirSync(join(project, 'node_modules'))).toEqual([]);
  });

  test('an install that fails tells so with what was printed, and leaves nothing', async () => {
    const project = await temporaryDirectory();
    npmProject(project, '1.0.0');
    writeFiles(project, { 'package.json': '{"name":"app","dependencies":{"dep":"file:./gone"}}' });
    const { materialize, cacheDir } = await opened(project);
    const error = await materialize().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'install_failed', kind: 'target' });
    expect(error).toHaveProperty('output', expect.stringContaining('npm'));
    expect(readdirSync(join(cacheDir, 'checkouts'), { recursive: true }).map(String)).not.toContainEqual(
      expect.stringMatching(/run_1.a/),
    );
  });

  test('none without a package.json or without a dependency', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'main.py': 'print(1)' });
    const { materialize } = await opened(project);
    expect((await materialize()).dependencies).toBe('none');
    writeFiles(project, { 'package.json': '{"name":"app"}' });
    expect((await materialize()).dependencies).toBe('none');
  });

  test('of a package in a monorepo come from above it', async () => {
    const root = await temporaryDirectory();
    git(root, 'init', '-q');
    writeFiles(root, {
      '.gitignore': 'node_modules\n',
      'node_modules/hoisted/index.js': 'module.exports = "hoisted";\n',
      'packages/api/package.json': '{"dependencies":{"hoisted":"1","own":"1"}}',
      'packages/api/index.js': 'console.log(require("hoisted"), require("own"));\n',
      'packages/api/node_modules/own/index.js': 'module.exports = "own";\n',
    });
    const { materialize } = await opened(join(root, 'packages/api'));
    const { directory, dependencies } = await materialize();
    expect(dependencies).toBe('shared');
    const run = { command: [process.execPath, 'index.js'], cwd: directory, env: baseEnv, input: '' };
    expect((await simpleProcesses.run(run, { timeoutMs: 20_000 })).stdout).toBe('hoisted own\n');
  });
});

describe('ignored files', () => {
  test('.env files are found, linked and listed; those of the snapshot stay its own', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      '.gitignore': '.env\n.env.local\n',
      '.env': 'SECRET=1',
      '.env.example': 'SECRET=',
      'services/x/.env.local': 'X=1',
      'services/x/main.mjs': '',
      'other/.env': 'not beside anything of the snapshot',
    });
    const { materialize } = await opened(project);
    const { directory, linked } = await materialize();
    expect(linked).toEqual(['.env', 'services/x/.env.local']);
    expect(readFileSync(join(directory, '.env'), 'utf8')).toBe('SECRET=1');
    expect(lstatSync(join(directory, '.env.example')).isFile()).toBe(true);
  });

  test('included paths are linked; a directory in both is completed', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      '.gitignore': 'generated\ndata/*.db\n',
      'generated/deep/x.js': 'x',
      'data/seed.sql': 'tracked',
      'data/big.db': 'ignored',
      'a.mjs': 'a',
    });
    const { materialize } = await opened(project);
    const { directory, linked } = await materialize({ include: ['generated/deep', './data/', 'a.mjs'] });
    expect(linked).toEqual(['data/big.db', 'generated/deep']);
    expect(readFileSync(join(directory, 'generated/deep/x.js'), 'utf8')).toBe('x');
    expect(lstatSync(join(directory, 'data/seed.sql')).isFile()).toBe(true);
    expect(lstatSync(join(directory, 'a.mjs')).isFile()).toBe(true);
  });

  test.each([
    'missing.txt',
    '../outside',
    '/etc/passwd',
    '.',
    '.git',
    '.deep-optimize/history.db',
    'out',
    'in/x',
  ])('the included path %j is refused by name', async (path) => {
    const project = await temporaryDirectory();
    const outside = await temporaryDirectory();
    writeFiles(outside, { x: '' });
    writeFiles(project, { '.gitignore': 'out\n', 'a.txt': '' });
    symlinkSync(outside, join(project, 'out'));
    symlinkSync(outside, join(project, 'in'));
    const { materialize } = await opened(project);
    const error = await materialize({ include: [path] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid_goals', kind: 'input' });
    expect(error).toHaveProperty('message', expect.stringContaining(JSON.stringify(path)));
  });
});

describe('life of a checkout', () => {
  test('it is made again, disposed by run, reaped when its run is over; links are not followed', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      'package.json': '{"dependencies":{"x":"1"}}',
      'node_modules/x/index.js': 'kept',
      '.gitignore': '.env',
      '.env': 'kept',
      'a.txt': 'a',
    });
    const { checkouts, materialize, cacheDir, snapshots } = await opened(project);
    const first = await materialize();
    expect((await materialize()).directory).toBe(first.directory);
    const signal = new AbortController().signal;
    const snapshot = await snapshots.take();
    await checkouts.materialize({ snapshot, runId: 'run_2', slot: 'b', include: [], signal });
    const runs = () =>
      readdirSync(
        join(cacheDir, 'checkouts', relative(join(cacheDir, 'checkouts'), join(first.directory, '../..'))),
      ).sort();
    expect(runs()).toEqual(['run_1', 'run_2']);
    await checkouts.reap(['run_2', 'run_9']);
    expect(runs()).toEqual(['run_2']);
    await checkouts.dispose('run_2');
    await checkouts.dispose('run_2');
    expect(runs()).toEqual([]);
    expect(readFileSync(join(project, 'node_modules/x/index.js'), 'utf8')).toBe('kept');
    expect(readFileSync(join(project, '.env'), 'utf8')).toBe('kept');
    await expect(checkouts.dispose('../..')).rejects.toMatchObject({ kind: 'internal' });
  });

  test('what programs leave is removed or written again, and told; what setup and links brought stays', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      '.gitignore': '.env\nassets\n',
      '.env': 'A=1',
      'assets/logo.svg': 'kept',
      'src/a.js': 'a',
      'src/b.bin': Uint8Array.of(0, 255, 10),
      'src/gone.js': 'gone',
    });
    const { checkouts, materialize } = await opened(project);
    const { directory, env } = await materialize({ include: ['assets'] });
    const slot = { runId: 'run_1', slot: 'a' } as const;
    await expect(checkouts.restore(slot)).rejects.toMatchObject({ kind: 'internal' });
    writeFiles(directory, { 'dist/out.js': 'built by setup' });
    await checkouts.remember(slot);
    expect(await checkouts.restore(slot)).toEqual([]);

    writeFiles(directory, {
      'src/a.js': 'changed',
      'src/b.bin': 'x',
      'dist/more.js': 'new',
      'cache/deep/result.json': '{}',
      'node_modules/.cache/x.json': '{}',
      'assets/written-through-a-link.txt': 'not ours to remove',
    });
    rmSync(join(directory, 'src/gone.js'));
    const temporary = env['TMPDIR'] ?? '';
    writeFiles(temporary, { 'results/1.json': '{}' });
    expect(await checkouts.restore(slot)).toEqual([
      '<tmp>/results',
      'cache/deep/result.json',
      'dist/more.js',
      'node_modules/.cache/x.json',
      'src/a.js',
      'src/b.bin',
      'src/gone.js',
    ]);
    expect(readdirSync(directory).sort()).toEqual(['.env', '.gitignore', 'assets', 'dist', 'src']);
    expect(readFileSync(join(directory, 'src/a.js'), 'utf8')).toBe('a');
    expect([...readFileSync(join(directory, 'src/b.bin'))]).toEqual([0, 255, 10]);
    expect(readFileSync(join(directory, 'src/gone.js'), 'utf8')).toBe('gone');
    expect(readFileSync(join(directory, 'dist/out.js'), 'utf8')).toBe('built by setup');
    expect(readdirSync(join(project, 'assets'))).toContain('written-through-a-link.txt');
    expect(readdirSync(temporary)).toEqual([]);
    expect(await checkouts.restore(slot)).toEqual([]);
  });

  test('each has a temporary directory of its own, at paths of equal length, gone with the run or reaped after it', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'a' });
    const { checkouts, materialize } = await opened(project);
    const a = (await materialize({ slot: 'a' })).env;
    const b = (await materialize({ slot: 'b' })).env;
    expect(Object.keys(a).sort()).toEqual(['TEMP', 'TMP', 'TMPDIR']);
    expect(a['TMPDIR']).not.toBe(b['TMPDIR']);
    expect(a['TMPDIR']).toHaveLength(b['TMPDIR']?.length ?? 0);
    await checkouts.reap(['run_1']);
    expect(existsSync(a['TMPDIR'] ?? '')).toBe(true);
    await checkouts.reap([]);
    expect(existsSync(a['TMPDIR'] ?? '')).toBe(false);
    const again = (await materialize()).env['TMPDIR'] ?? '';
    await checkouts.dispose('run_1');
    expect(existsSync(again)).toBe(false);
  });

  test('an abort is heard', async () => {
    const project = await temporaryDirectory();
    const { checkouts, snapshots } = await opened(project);
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(
      checkouts.materialize({
        snapshot: await snapshots.take(),
        runId: 'run_1',
        slot: 'a',
        include: [],
        signal,
      }),
    ).rejects.toThrow('stop');
  });

  test('a cache directory that cannot be made is not_writable', async () => {
    const directory = await temporaryDirectory();
    writeFiles(directory, { 'file.txt': '' });
    const snapshots = openSnapshots(directory);
    const checkouts = createCheckouts({
      directory,
      snapshots,
      processes: simpleProcesses,
      baseEnv,
      cacheDir: join(directory, 'file.txt'),
      temporaryDir: join(directory, 'tmp'),
    });
    const signal = new AbortController().signal;
    const snapshot = await snapshots.take();
    await expect(
      checkouts.materialize({ snapshot, runId: 'run_1', slot: 'a', include: [], signal }),
    ).rejects.toMatchObject({ code: 'not_writable' });
  });
});

test('a disk that fills up while a checkout is written is named as that, and leaves nothing half-written', async (context) => {
  const disk = await smallDisk(256 * 1024);
  if (typeof disk === 'string') return context.skip(disk);
  try {
    const directory = await temporaryDirectory();
    const files = Array.from({ length: 8 }, (_, n) => [`big-${n}.bin`, randomBytes(100_000)] as const);
    writeFiles(directory, Object.fromEntries(files));
    const snapshots = openSnapshots(directory);
    const cacheDir = join(disk.directory, 'cache');
    const checkouts = createCheckouts({
      directory,
      snapshots,
      processes: simpleProcesses,
      baseEnv,
      cacheDir,
      temporaryDir: await temporaryDirectory(),
    });
    const materialize = async () =>
      checkouts.materialize({
        snapshot: await snapshots.take(),
        runId: 'run_1',
        slot: 'a',
        include: [],
        signal: new AbortController().signal,
      });
    await expect(materialize()).rejects.toMatchObject({
      kind: 'environment',
      code: 'not_writable',
      message: expect.stringContaining('disk is full') as string,
      fix: expect.stringContaining('Free disk space') as string,
    });
    const left = readdirSync(disk.directory, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  } finally {
    disk.unmount();
  }
});
