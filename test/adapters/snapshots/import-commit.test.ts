import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitAll, git, writeFiles } from '../../support/git-project.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { openSnapshots, privateDirectory } from './open-snapshots.ts';

async function userRepository(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryDirectory();
  git(root, 'init', '-q', '-b', 'main');
  writeFiles(root, files);
  commitAll(root, 'first');
  return root;
}

/** Everything below a directory with its content: what must not change. */
function stateOf(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'base64')]),
  );
}

const FIRST = { 'src/a.mjs': 'one', 'b.txt': 'two\r\n', '.gitattributes': '* text=auto eol=crlf\n' };

describe('a commit of the user as a snapshot', () => {
  test('is the one that was taken when it was checked out, and stays when the user removes it', async () => {
    const project = await userRepository({ 'src/a.mjs': 'one', 'b.txt': 'two' });
    const snapshots = openSnapshots(project);
    const taken = await snapshots.take();
    writeFiles(project, { 'src/a.mjs': 'changed', 'new.txt': 'x' });
    commitAll(project, 'second');
    git(project, 'tag', 'v2');

    const first = await snapshots.ofCommit('HEAD~1');
    expect(first).toMatchObject({ id: taken.id, tree: taken.tree, files: 2, head: { dirty: false } });
    const second = await snapshots.ofCommit('v2');
    expect(second?.head?.commit).toBe(git(project, 'rev-parse', 'HEAD').trim());
    expect((await snapshots.ofCommit('main'))?.tree).toBe(second?.tree);

    // Ours alone holds it now.
    rmSync(join(project, '.git'), { recursive: true });
    const target = join(await temporaryDirectory(), 'out');
    if (second) await snapshots.checkout(second, target);
    expect(readdirSync(target).sort()).toEqual(['b.txt', 'new.txt', 'src']);
    expect(readFileSync(join(target, 'src/a.mjs'), 'utf8')).toBe('changed');
  });

  test('leaves the repository as it was, byte for byte', async () => {
    const project = await userRepository(FIRST);
    writeFileSync(join(project, 'src/a.mjs'), 'uncommitted');
    const before = stateOf(join(project, '.git'));
    const snapshots = openSnapshots(project);
    const found = await snapshots.ofCommit('main');
    expect(found?.files).toBe(3);
    expect(stateOf(join(project, '.git'))).toEqual(before);
    expect(readFileSync(join(project, 'src/a.mjs'), 'utf8')).toBe('uncommitted');
  });

  test('runs nothing that the repository names, and converts nothing', async () => {
    const project = await userRepository({ ...FIRST, 'c.dat': 'as it is\n' });
    const marker = join(project, 'ran');
    git(project, 'config', 'filter.evil.smudge', `touch ${marker}`);
    git(project, 'config', 'filter.evil.clean', 'cat');
    git(project, 'config', 'core.fsmonitor', `touch ${marker}`);
    writeFiles(project, { '.gitattributes': '*.dat filter=evil\n' });
    git(project, '-c', 'core.fsmonitor=false', 'add', '-A');
    git(project, '-c', 'core.fsmonitor=false', 'commit', '-q', '-m', 'evil');
    rmSync(marker, { force: true });
    const snapshots = openSnapshots(project);
    const found = await snapshots.ofCommit('HEAD');
    const target = join(await temporaryDirectory(), 'out');
    if (found) await snapshots.checkout(found, target);
    expect(readFileSync(join(target, 'c.dat'), 'utf8')).toBe('as it is\n');
    expect(existsSync(marker)).toBe(false);
  });

  test('is the part of a monorepo that the project is, without what is never in a snapshot', async () => {
    const root = await userRepository({
      'packages/p/index.js': 'p',
      'packages/p/node_modules/dep/index.js': 'dep',
      'packages/p/.deep-optimize/goals.json': '{}',
      'packages/q/index.js': 'q',
    });
    const snapshots = openSnapshots(join(root, 'packages/p'));
    const found = await snapshots.ofCommit('main');
    expect(found?.files).toBe(1);
    expect(found?.tree).toBe((await snapshots.take()).tree);
    const elsewhere = openSnapshots(join(root, 'packages'));
    expect((await elsewhere.ofCommit('main'))?.files).toBe(2);
  });

  test('leaves submodules out, whose files are not in the commit', async () => {
    const project = await userRepository({ 'a.txt': 'a' });
    const commit = git(project, 'rev-parse', 'HEAD').trim();
    git(project, 'update-index', '--add', '--cacheinfo', `160000,${commit},vendor`);
    git(project, 'commit', '-q', '-m', 'submodule');
    const snapshots = openSnapshots(project);
    expect((await snapshots.ofCommit('HEAD'))?.files).toBe(1);
  });

  test.each([
    'nope',
    '--help',
    '-x',
    'main:src',
    '',
    'HEAD^{tree}',
    '0000000000000000000000000000000000000000',
  ])('is not found by %j', async (name) => {
    const snapshots = openSnapshots(await userRepository(FIRST));
    expect(await snapshots.ofCommit(name)).toBeUndefined();
  });

  test('is not found where there is no repository, or where the project is younger', async () => {
    expect(await openSnapshots(await temporaryDirectory()).ofCommit('main')).toBeUndefined();
    const root = await userRepository({ 'a.txt': 'a' });
    writeFiles(root, { 'later/index.js': 'x' });
    const snapshots = openSnapshots(join(root, 'later'));
    expect(await snapshots.ofCommit('main')).toBeUndefined();
  });

  test('says so when the clone lacks the files of it', async () => {
    const source = await userRepository({ 'a.txt': 'a', 'b.txt': 'b' });
    git(source, 'config', 'uploadpack.allowFilter', 'true');
    const clone = join(await temporaryDirectory(), 'clone');
    execFileSync('git', ['clone', '-q', '--filter=blob:none', '--no-checkout', `file://${source}`, clone]);
    const snapshots = openSnapshots(clone);
    await expect(snapshots.ofCommit('origin/main')).rejects.toMatchObject({ code: 'snapshot_missing' });
    expect(readdirSync(join(privateDirectory(clone), 'tmp'))).toEqual([]);
  });
});
