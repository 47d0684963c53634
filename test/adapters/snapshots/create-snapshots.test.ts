import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/core/model/measurement.ts';
import type { Snapshots } from '../../../src/core/ports/snapshots.ts';
import { commitAll, git, writeFiles } from '../../support/git-project.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { unprivileged } from '../../support/unprivileged.ts';
import { baseEnv, openSnapshots, privateDirectory } from './open-snapshots.ts';

/** Paths with their content, mode and kind: what a checkout must reproduce. */
function contentOf(directory: string, prefix = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    const shown = `${prefix}${name}`;
    const entry = lstatSync(path);
    if (entry.isDirectory()) Object.assign(found, contentOf(path, `${shown}/`));
    else if (entry.isSymbolicLink()) found[shown] = `-> ${readlinkSync(path)}`;
    else {
      const hash = createHash('sha1').update(readFileSync(path)).digest('hex').slice(0, 8);
      found[shown] = `${(entry.mode & 0o100) === 0 ? 'file' : 'exec'} ${hash}`;
    }
  }
  return found;
}

async function filesOf(snapshots: Snapshots, snapshot: Snapshot): Promise<readonly string[]> {
  const target = join(await temporaryDirectory(), 'out');
  await snapshots.checkout(snapshot, target);
  return Object.keys(contentOf(target));
}

describe('taking a snapshot', () => {
  test('without git: every file but what .gitignore, .deep-optimize and node_modules name', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      '.gitignore': 'dist/\n*.log\n!node_modules/\n!.deep-optimize/\n',
      'src/a.mjs': 'a',
      'src/.gitignore': 'generated.mjs\n',
      'src/generated.mjs': 'x',
      'dist/a.js': 'x',
      'debug.log': 'x',
      'node_modules/dep/index.js': 'x',
      'packages/p/node_modules/dep/index.js': 'x',
      'packages/p/index.mjs': 'x',
      'naïve ü.txt': 'x',
    });
    const snapshots = openSnapshots(project);
    const snapshot = await snapshots.take();
    expect(await filesOf(snapshots, snapshot)).toEqual([
      '.gitignore',
      'naïve ü.txt',
      'packages/p/index.mjs',
      'src/.gitignore',
      'src/a.mjs',
    ]);
    expect(snapshot.files).toBe(5);
    expect(snapshot.id).toBe(`snap_${snapshot.tree.slice(0, 12)}`);
    expect(snapshot).not.toHaveProperty('head');
    const ref = readFileSync(join(privateDirectory(project), 'refs/snapshots', snapshot.id), 'utf8');
    expect(ref).toMatch(/^[0-9a-f]{40}\n$/);
  });

  test('the same state gives the same id, in whatever way it was reached', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'one', 'b.txt': 'two' });
    const snapshots = openSnapshots(project);
    const first = await snapshots.take();
    expect((await snapshots.take()).id).toBe(first.id);

    writeFiles(project, { 'a.txt': 'ONE', 'c.txt': 'three' });
    const second = await snapshots.take();
    expect(second.id).not.toBe(first.id);
    rmSync(join(project, 'c.txt'));
    writeFiles(project, { 'a.txt': 'one' });
    expect((await snapshots.take()).id).toBe(first.id);
    expect((await openSnapshots(project).take()).id).toBe(first.id);

    // A file that gets ignored after it was part of a snapshot leaves the next one.
    writeFiles(project, { '.gitignore': 'b.txt\n' });
    const third = await snapshots.take();
    expect(await filesOf(snapshots, third)).toEqual(['.gitignore', 'a.txt']);
    rmSync(privateDirectory(project), { recursive: true });
    expect((await openSnapshots(project).take()).id).toBe(third.id);
  });

  test('a change of equal size at an equal time is seen', async () => {
    const project = await temporaryDirectory();
    const snapshots = openSnapshots(project);
    const ids = new Set<string>();
    for (let n = 10; n < 22; n++) {
      writeFileSync(join(project, 'a.txt'), String(n));
      utimesSync(join(project, 'a.txt'), 1_700_000_000, 1_700_000_000);
      ids.add((await snapshots.take()).id);
    }
    expect(ids.size).toBe(12);
  });

  test('of an empty project, and of one that was emptied', async () => {
    const project = await temporaryDirectory();
    const snapshots = openSnapshots(project);
    const empty = await snapshots.take();
    expect(empty).toMatchObject({ files: 0, tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' });
    expect(await filesOf(snapshots, empty)).toEqual([]);
    writeFiles(project, { 'a.txt': 'a' });
    expect((await snapshots.take()).files).toBe(1);
    rmSync(join(project, 'a.txt'));
    expect((await snapshots.take()).id).toBe(empty.id);
  });

  test('many at once, in several objects, agree', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'a', 'b/c.txt': 'c' });
    const several = [openSnapshots(project), openSnapshots(project), openSnapshots(project)];
    const taken = await Promise.all([...several, ...several].map((snapshots) => snapshots.take()));
    expect(new Set(taken.map((snapshot) => snapshot.id)).size).toBe(1);
    expect(readdirSync(join(privateDirectory(project), 'tmp'))).toEqual([]);
  });

  test('files of a repository inside the project belong to it, with or without commits', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      'a.txt': 'a',
      'vendor/x/in.txt': 'in',
      'vendor/x/.gitignore': 'no.txt',
      'vendor/x/no.txt': '',
    });
    git(join(project, 'vendor/x'), 'init', '-q');
    writeFiles(project, { 'y/in.txt': 'y' });
    git(join(project, 'y'), 'init', '-q');
    commitAll(join(project, 'y'));
    const snapshots = openSnapshots(project);
    const first = await snapshots.take();
    expect(await filesOf(snapshots, first)).toEqual([
      'a.txt',
      'vendor/x/.gitignore',
      'vendor/x/in.txt',
      'y/in.txt',
    ]);
    expect((await snapshots.take()).id).toBe(first.id);
    writeFiles(project, { 'y/in.txt': 'changed' });
    expect((await snapshots.take()).id).not.toBe(first.id);
  });
});

describe('in a repository of the user', () => {
  async function repository(): Promise<string> {
    const project = await temporaryDirectory();
    git(project, 'init', '-q', '-b', 'trunk');
    writeFiles(project, {
      '.gitignore': 'dist\n',
      'a.txt': 'a',
      'dist/kept.js': 'tracked though ignored',
      'packages/api/index.mjs': 'api',
      'packages/api/.env': 'S=1',
    });
    git(project, 'add', '-f', '.');
    git(project, 'rm', '-q', '--cached', 'packages/api/.env');
    git(project, 'commit', '-q', '-m', 'first');
    writeFiles(project, {
      '.git/info/exclude': '.env\nprivate.txt\n',
      'private.txt': 'x',
      'dist/not.js': 'x',
    });
    return project;
  }

  test('tracked and untracked files, its exclude file and its head', async () => {
    const project = await repository();
    const snapshots = openSnapshots(project);
    const clean = await snapshots.take();
    expect(clean.head).toEqual({
      commit: git(project, 'rev-parse', 'HEAD').trim(),
      branch: 'trunk',
      dirty: false,
    });
    writeFiles(project, { 'new.txt': 'untracked' });
    const dirty = await snapshots.take();
    expect(dirty.head?.dirty).toBe(true);
    expect(await filesOf(snapshots, dirty)).toEqual([
      '.gitignore',
      'a.txt',
      'dist/kept.js',
      'new.txt',
      'packages/api/index.mjs',
    ]);
    git(project, 'checkout', '-q', '--detach');
    expect((await snapshots.take()).head).not.toHaveProperty('branch');
  });

  test('nothing of it changes: index, refs, objects, configuration, status', async () => {
    const project = await repository();
    // A file that git would look at again, and would refresh in the index if it could.
    utimesSync(join(project, 'a.txt'), 1_600_000_000, 1_600_000_000);
    writeFiles(project, { '.git/hooks/post-index-change': '#!/bin/sh\ntouch hook-ran\n' });
    chmodSync(join(project, '.git/hooks/post-index-change'), 0o755);
    const state = () => ({
      files: contentOf(join(project, '.git')),
      index: statSync(join(project, '.git/index')).mtimeMs,
      head: statSync(join(project, '.git/HEAD')).mtimeMs,
    });
    const before = state();
    const snapshots = openSnapshots(project);
    const from = await snapshots.take();
    writeFiles(project, { 'a.txt': 'b' });
    const to = await snapshots.take();
    await snapshots.diff(from, to);
    await filesOf(snapshots, to);
    expect(state()).toEqual(before);
    expect(existsSync(join(project, 'hook-ran'))).toBe(false);
    expect(git(project, 'status', '--porcelain')).toBe(' M a.txt\n?? .deep-optimize/\n');
  });

  test('a package of a monorepo: its own files, by the rules of the whole repository', async () => {
    const project = await repository();
    writeFiles(project, { 'packages/api/dist/built.js': 'x', 'packages/api/src/b.mjs': 'b' });
    const snapshots = openSnapshots(join(project, 'packages/api'));
    const snapshot = await snapshots.take();
    expect(await filesOf(snapshots, snapshot)).toEqual(['index.mjs', 'src/b.mjs']);
    expect(snapshot.files).toBe(2);
    writeFiles(project, { 'a.txt': 'not of this package' });
    expect((await snapshots.take()).id).toBe(snapshot.id);
    writeFiles(project, { 'packages/api/index.mjs': 'changed' });
    const { files, patch } = await snapshots.diff(snapshot, await snapshots.take());
    expect(files).toEqual([{ path: 'index.mjs', added: 1, removed: 1 }]);
    expect(patch).toContain('--- a/index.mjs');

    mkdirSync(join(project, 'packages/empty'));
    expect((await openSnapshots(join(project, 'packages/empty')).take()).files).toBe(0);
  });

  test('a project in an ignored directory of a repository is a project of its own', async () => {
    const project = await repository();
    writeFiles(project, { 'dist/app/a.txt': 'a', 'dist/app/.gitignore': 'b.txt', 'dist/app/b.txt': 'b' });
    const snapshots = openSnapshots(join(project, 'dist/app'));
    const snapshot = await snapshots.take();
    expect(await filesOf(snapshots, snapshot)).toEqual(['.gitignore', 'a.txt']);
    expect(snapshot).not.toHaveProperty('head');
  });

  test('a linked work tree', async () => {
    const project = await repository();
    const linked = join(await temporaryDirectory(), 'linked');
    git(project, 'worktree', 'add', '-q', '-b', 'side', linked);
    writeFiles(linked, { 'private.txt': 'excluded for all work trees', 'side.txt': 'side' });
    const snapshots = openSnapshots(linked);
    const snapshot = await snapshots.take();
    expect(snapshot.head).toMatchObject({ branch: 'side', dirty: true });
    expect(await filesOf(snapshots, snapshot)).toEqual([
      '.gitignore',
      'a.txt',
      'dist/kept.js',
      'packages/api/index.mjs',
      'side.txt',
    ]);
  });
});

describe('what steers git', () => {
  test('configuration, variables and attributes of the user do not', async () => {
    const home = await temporaryDirectory();
    writeFiles(home, {
      '.gitconfig': '[core]\n\tautocrlf = true\n\texcludesFile = ~/ignore\n',
      '.config/git/ignore': '*.txt\n',
      ignore: '*.txt\n',
    });
    const project = await temporaryDirectory();
    writeFiles(project, {
      '.gitattributes': '* text=auto eol=crlf\n*.up filter=up ident\n',
      'lf.txt': 'a\nb\n',
      'crlf.txt': 'a\r\nb\r\n',
      'x.up': '$Id$\n',
      'latin1.txt': Uint8Array.from([0xe9, 0x0a]),
    });
    const before = contentOf(project);
    const env = { ...baseEnv, HOME: home, GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/i' };
    const snapshots = openSnapshots(project, env);
    const target = join(await temporaryDirectory(), 'out');
    await snapshots.checkout(await snapshots.take(), target);
    expect(contentOf(target)).toEqual(before);
  });

  test('a snapshots.git that came with a repository does not', async () => {
    const project = await temporaryDirectory();
    const hostile = privateDirectory(project);
    const program = join(project, 'run.sh');
    writeFiles(project, { 'a.txt': 'a', 'run.sh': `#!/bin/sh\ntouch ${project}/pwned\ncat\n` });
    chmodSync(program, 0o755);
    writeFiles(hostile, {
      config: `[core]\n\tfsmonitor = ${program}\n[filter "x"]\n\tclean = ${program}\n\tsmudge = ${program}\n`,
      'info/attributes': '* filter=x\n',
      'hooks/reference-transaction': `#!/bin/sh\ntouch ${project}/pwned\n`,
    });
    chmodSync(join(hostile, 'hooks/reference-transaction'), 0o755);
    const snapshots = openSnapshots(project);
    expect(await filesOf(snapshots, await snapshots.take())).toEqual(['a.txt', 'run.sh']);
    expect(existsSync(join(project, 'pwned'))).toBe(false);
  });
});

describe('checkout and diff', () => {
  test('modes, links and bytes are kept', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      'run.sh': '#!/bin/sh\n',
      'data.bin': Uint8Array.from([0, 1, 255]),
      'd/e.txt': 'e',
    });
    chmodSync(join(project, 'run.sh'), 0o755);
    symlinkSync('d/e.txt', join(project, 'link'));
    symlinkSync('nowhere', join(project, 'dangling'));
    symlinkSync('d', join(project, 'to-directory'));
    const before = contentOf(project);
    const snapshots = openSnapshots(project);
    const snapshot = await snapshots.take();
    const target = join(await temporaryDirectory(), 'deep/out');
    await snapshots.checkout(snapshot, target);
    expect(contentOf(target)).toEqual(before);
    await expect(snapshots.checkout(snapshot, target)).rejects.toMatchObject({ kind: 'internal' });
  });

  test('a diff names files, counts lines and can be applied, binary files too', async () => {
    const project = await temporaryDirectory();
    const blob = Uint8Array.from({ length: 300 }, (_, n) => (n * 7) % 256);
    writeFiles(project, { 'keep.txt': 'k\n', 'a b.txt': '1\n2\n3\n', 'old.txt': 'x\ny\nz\n', 'b.bin': blob });
    const snapshots = openSnapshots(project);
    const from = await snapshots.take();
    writeFiles(project, { 'a b.txt': '1\nzwei ü\n3\n4\n', 'b.bin': blob.map((byte) => 255 - byte) });
    rmSync(join(project, 'old.txt'));
    const to = await snapshots.take();
    const { patch, files } = await snapshots.diff(from, to);
    expect(files).toEqual([
      { path: 'a b.txt', added: 2, removed: 1 },
      { path: 'b.bin', added: 0, removed: 0 },
      { path: 'old.txt', added: 0, removed: 3 },
    ]);
    const target = join(await temporaryDirectory(), 'out');
    await snapshots.checkout(from, target);
    execFileSync('git', ['apply', '-'], { cwd: target, input: patch });
    expect(contentOf(target)).toEqual(
      Object.fromEntries(Object.entries(contentOf(project)).filter(([path]) => !path.startsWith('.deep'))),
    );
    expect(await snapshots.diff(from, from)).toEqual({ patch: '', files: [] });
  });

  test('a snapshot that is not there is snapshot_missing', async () => {
    const project = await temporaryDirectory();
    const snapshots = openSnapshots(project);
    const snapshot = await snapshots.take();
    for (const tree of ['0123456789012345678901234567890123456789', '--output=/tmp/x', 'HEAD']) {
      const missing = { ...snapshot, tree };
      await expect(snapshots.checkout(missing, join(project, 'out'))).rejects.toMatchObject({
        code: 'snapshot_missing',
      });
      await expect(snapshots.diff(snapshot, missing)).rejects.toMatchObject({ code: 'snapshot_missing' });
    }
  });
});

test.each([true, false])('ignored paths, in a repository (%s) or without one', async (inRepository) => {
  const project = await temporaryDirectory();
  writeFiles(project, {
    '.gitignore': '/dist\ngenerated/\n*.log\n.env\nnode_modules\n',
    '.env': 'A=1',
    'dist/deep/app.js': '',
    'src/a.js': '',
    'src/generated/client.js': '',
    'src/b.log': '',
    'node_modules/x/index.js': '',
  });
  if (inRepository) {
    git(project, 'init', '-q', '-b', 'main');
    commitAll(project);
  }
  expect(await openSnapshots(project).ignored()).toEqual(['dist', 'src/b.log', 'src/generated']);
});

describe('objects that somebody removed', () => {
  const removeObjects = (project: string) => {
    const objects = join(privateDirectory(project), 'objects');
    for (const name of readdirSync(objects)) rmSync(join(objects, name), { recursive: true });
  };

  test('a snapshot that was a clean commit is copied from the user’s repository again', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'one', 'sub/b.txt': 'b' });
    git(project, 'init', '-q', '-b', 'main');
    commitAll(project);
    const snapshots = openSnapshots(project);
    const clean = await snapshots.take();
    writeFiles(project, { 'a.txt': 'two' });
    removeObjects(project);
    const dirty = await snapshots.take();
    const { files } = await snapshots.diff(clean, dirty);
    expect(files.map(({ path }) => path)).toEqual(['a.txt']);
    const target = join(await temporaryDirectory(), 'out');
    await snapshots.checkout(clean, target);
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('one');
    expect(readFileSync(join(target, 'sub/b.txt'), 'utf8')).toBe('b');
  });

  test.each(['all of them', 'those of one file'])(
    '%s: another snapshot is snapshot_missing',
    async (which) => {
      const project = await temporaryDirectory();
      writeFiles(project, { 'a.txt': 'one', 'b.txt': 'b' });
      const snapshots = openSnapshots(project);
      const snapshot = await snapshots.take();
      writeFiles(project, { 'a.txt': 'two' });
      if (which === 'all of them') removeObjects(project);
      else {
        const blob = createHash('sha1').update('blob 3\0one').digest('hex');
        rmSync(join(privateDirectory(project), 'objects', blob.slice(0, 2), blob.slice(2)));
      }
      await expect(snapshots.checkout(snapshot, join(project, 'out'))).rejects.toMatchObject({
        kind: 'environment',
        code: 'snapshot_missing',
        message: expect.stringContaining(snapshot.id) as string,
        next: [{ tool: 'validate_change', arguments: { against: 'HEAD' } }, { tool: 'measure_baseline' }],
      });
    },
  );

  test('the next snapshot is whole again, though the files that it names did not change', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'one', 'sub/b.txt': 'b' });
    const snapshots = openSnapshots(project);
    const before = await snapshots.take();
    removeObjects(project);
    expect((await snapshots.take()).id).toBe(before.id);
    expect(await filesOf(snapshots, before)).toEqual(['a.txt', 'sub/b.txt']);
  });

  test('the whole directory, while the server runs: it is made anew', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'one' });
    const snapshots = openSnapshots(project);
    const before = await snapshots.take();
    rmSync(privateDirectory(project), { recursive: true });
    await expect(snapshots.diff(before, before)).rejects.toMatchObject({ code: 'snapshot_missing' });
    expect((await snapshots.take()).id).toBe(before.id);
  });
});

describe('very many snapshots', () => {
  test('the oldest are forgotten, their bytes given back, and those that records name are kept', async () => {
    const project = await temporaryDirectory();
    const snapshots = openSnapshots(project, baseEnv, { newest: 3, slack: 2 });
    expect(await snapshots.prune(() => Promise.reject(new Error('nobody asks')))).toBe(0);
    expect(existsSync(privateDirectory(project))).toBe(false);
    const taken: Snapshot[] = [];
    for (let n = 0; n < 8; n++) {
      // Bytes that no compression makes smaller.
      writeFiles(project, { 'big.bin': randomBytes(100_000) });
      const snapshot = await snapshots.take();
      taken.push(snapshot);
      utimesSync(join(privateDirectory(project), 'refs/snapshots', snapshot.id), n, n);
      if (n === 4) expect(await snapshots.prune(() => Promise.resolve([]))).toBe(0);
    }
    // As if all of them were of yesterday: objects of the last day stay.
    const objects = join(privateDirectory(project), 'objects');
    for (const name of readdirSync(objects, { recursive: true, encoding: 'utf8' }))
      utimesSync(join(objects, name), 1, 1);
    expect(await snapshots.prune(() => Promise.resolve([taken[1]?.id ?? '']))).toBe(4);
    const held = async (snapshot: Snapshot) =>
      filesOf(snapshots, snapshot).then(
        () => true,
        () => false,
      );
    const kept: boolean[] = [];
    for (const snapshot of taken) kept.push(await held(snapshot));
    expect(kept).toEqual([false, true, false, false, false, true, true, true]);
    const bytes = readdirSync(objects, { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(join(objects, name)))
      .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    expect(bytes).toBeLessThan(4.5 * 100_000);
    // The next one is taken as ever.
    expect(await held(await snapshots.take())).toBe(true);
  });
});

describe('a machine that lacks something', () => {
  test('no git', async () => {
    const project = await temporaryDirectory();
    await expect(openSnapshots(project, { PATH: project }).take()).rejects.toMatchObject({
      code: 'git_missing',
    });
  });

  test('a project that cannot be written', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'a' });
    chmodSync(project, 0o555);
    await unprivileged(async () => {
      await expect(openSnapshots(project).take()).rejects.toMatchObject({ code: 'not_writable' });
    });
  });

  test('a snapshots.git that became read-only', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, { 'a.txt': 'a' });
    const snapshots = openSnapshots(project);
    await snapshots.take();
    chmodSync(project, 0o755);
    chmodSync(join(privateDirectory(project), 'tmp'), 0o777);
    writeFiles(project, { 'a.txt': 'b' });
    await unprivileged(async () => {
      await expect(snapshots.take()).rejects.toMatchObject({ code: 'not_writable' });
    });
  });
});
