import { spawn } from 'node:child_process';
import { chmod, cp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { aRun } from '../../support/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { unprivileged } from '../../support/unprivileged.ts';

async function refused(opening: Promise<Store>): Promise<{ code: string; message: string; fix: string }> {
  const outcome = await opening.then(
    async (store) => {
      await store.close();
      return undefined;
    },
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject({ name: 'EnvironmentError' });
  return outcome as { code: string; message: string; fix: string };
}

describe('opening a store', () => {
  test('creates the state directory with its inner .gitignore and keeps what it holds', async () => {
    const directory = join(await temporaryDirectory(), '.deep-optimize');
    const store = await openStore({ directory });
    await store.runs.create(aRun());
    await store.close();
    await store.close();

    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toMatch(
      /history\.db\*\nartifacts\/\nsnapshots\.git\/\ntmp\//,
    );
    await writeFile(join(directory, '.gitignore'), '# mine\n');
    const again = await openStore({ directory });
    expect(await again.runs.get('run_1')).toEqual(aRun());
    await again.close();
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('# mine\n');
  });

  test('the database file alone is the whole history after a close', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore({ directory });
    await store.runs.create(aRun());
    await store.close();
    const copy = await temporaryDirectory();
    await writeFile(join(copy, 'history.db'), await readFile(join(directory, 'history.db')));
    const opened = await openStore({ directory: copy });
    expect(await opened.runs.get('run_1')).toEqual(aRun());
    await opened.close();
  });

  test('processes that open a fresh project at once all succeed, and no write is lost', async () => {
    const directory = join(await temporaryDirectory(), '.deep-optimize');
    const script = join(import.meta.dirname, 'open-once.ts');
    const finished = ['one', 'two', 'three'].map(
      (name) =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, ['--import', 'tsx', script, directory, name, '15'], {
            stdio: ['ignore', 'ignore', 'pipe'],
          });
          let printed = '';
          child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
          child.on('close', (code) => resolve(code === 0 ? 'ok' : printed));
        }),
    );
    expect(await Promise.all(finished)).toEqual(['ok', 'ok', 'ok']);

    const store = await openStore({ directory });
    const runs = await store.runs.list({ limit: 100 });
    await store.close();
    expect(runs).toHaveLength(45);
    expect(new Set(runs.map((run) => run.id)).size).toBe(45);
  });

  test('a file that is no database is named and left untouched', async () => {
    const directory = await temporaryDirectory();
    const file = join(directory, 'history.db');
    await writeFile(file, 'my notes, not a database\n'.repeat(50));
    const before = await stat(file);

    const error = await refused(openStore({ directory }));
    expect(error.code).toBe('state_corrupt');
    expect(error.message).toContain(file);
    expect(error.fix).toContain(`${file}.broken`);
    expect(await readFile(file, 'utf8')).toBe('my notes, not a database\n'.repeat(50));
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(directory)).toEqual(['.gitignore', 'history.db']);
  });

  test('a database with a broken inside is state_corrupt, not a crash', async () => {
    const directory = await temporaryDirectory();
    const store = await openStore({ directory });
    await store.runs.create(aRun());
    await store.close();
    const file = join(directory, 'history.db');
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0xff, 100));
    expect((await refused(openStore({ directory }))).code).toBe('state_corrupt');
  });

  test('a database of a newer version is refused and unchanged', async () => {
    const directory = await temporaryDirectory();
    await (await openStore({ directory })).close();
    const file = join(directory, 'history.db');
    const database = new Database(file);
    database.exec("insert into kysely_migration values ('0002-from-the-future', '2027-01-01T00:00:00.000Z')");
    database.exec('alter table runs add column future text');
    database.pragma('wal_checkpoint(truncate)');
    database.close();
    const before = await readFile(file);

    const error = await refused(openStore({ directory }));
    expect(error.code).toBe('state_too_new');
    expect(error.message).toContain('0002-from-the-future');
    expect(await readFile(file)).toEqual(before);
  });

  test('a link instead of a database or out of the project is refused', async () => {
    const project = await temporaryDirectory();
    const elsewhere = await temporaryDirectory();
    const directory = join(project, '.deep-optimize');
    await symlink(elsewhere, directory);
    expect((await refused(openStore({ directory }))).code).toBe('not_writable');
    expect(await readdir(elsewhere)).toEqual([]);

    const other = await temporaryDirectory();
    await symlink(join(elsewhere, 'target.db'), join(other, 'history.db'));
    expect((await refused(openStore({ directory: other }))).code).toBe('state_corrupt');
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('a directory that cannot be written is not_writable', async () => {
    const project = await temporaryDirectory();
    await chmod(project, 0o555);
    const error = await unprivileged(() =>
      refused(openStore({ directory: join(project, '.deep-optimize') })),
    );
    expect(error.code).toBe('not_writable');
    expect(error.message).toContain('permission was denied');

    const file = join(await temporaryDirectory(), '.deep-optimize');
    await writeFile(file, '');
    expect((await refused(openStore({ directory: file }))).code).toBe('not_writable');
  });

  test.skipIf(process.platform === 'win32')('a disk that takes no more bytes is not_writable', async () => {
    const directory = await temporaryDirectory();
    const script = join(import.meta.dirname, 'fill-disk.ts');
    // A limit on file sizes (in KiB) stands for the end of a disk: the same writes fail.
    const child = spawn('bash', [
      '-c',
      `trap '' XFSZ; ulimit -f 400; exec "$0" --import tsx "$1" "$2"`,
      process.execPath,
      script,
      directory,
    ]);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await new Promise((resolve) => child.on('close', resolve));
    expect(JSON.parse(printed)).toEqual({
      experiment: 'not_writable',
      artifact: 'not_writable',
      first: true,
      tmp: [],
    });
  });

  test.each([
    { leftovers: 'with what the last process left beside it', remove: [] },
    { leftovers: 'with the database file alone', remove: ['history.db-wal', 'history.db-shm'] },
  ])(
    'a history that became read-only, $leftovers, is read; a write says not_writable',
    async ({ remove }) => {
      const project = await temporaryDirectory();
      const original = await temporaryDirectory();
      const first = await openStore({ directory: original });
      await first.runs.create(aRun());
      await first.close();
      // A copy: the driver's finalizer may still remove files of its own database.
      const directory = join(project, '.deep-optimize');
      await cp(original, directory, { recursive: true });
      await Promise.all(remove.map((name) => rm(join(directory, name), { force: true })));
      await Promise.all((await readdir(directory)).map((name) => chmod(join(directory, name), 0o444)));
      await chmod(directory, 0o555);
      await chmod(project, 0o755);
      await unprivileged(async () => {
        const store = await openStore({ directory });
        expect(await store.runs.get('run_1')).toEqual(aRun());
        await expect(store.runs.create(aRun({ id: 'run_2' }))).rejects.toMatchObject({
          code: 'not_writable',
        });
        await store.close();
      });
      await chmod(directory, 0o755);
    },
  );
});
