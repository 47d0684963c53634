import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApprovals } from '../../../src/adapters/project/create-approvals.ts';
import { userDirectories } from '../../../src/adapters/project/user-directories.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const start = ['node', 'server.mjs'];

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('an approval is for one project and for exactly these arguments, and lasts', async () => {
  const configDir = join(await temporaryDirectory(), 'config');
  const project = await temporaryDirectory();
  const other = await temporaryDirectory();
  const approvals = createApprovals({ configDir });
  const similar = [['node', 'server.mjs', ''], ['node server.mjs'], ['node', 'server.mjs '], ['node']];

  expect(await approvals.missing(project, [start])).toEqual([start]);
  await approvals.approve(project, [start]);
  await approvals.approve(project, [start]);
  expect(await createApprovals({ configDir }).missing(`${project}/.`, [start, ...similar])).toEqual(similar);
  expect(await approvals.missing(other, [start])).toEqual([start]);
});

test('approvals are for this user only, and a file that says something else approves nothing', async () => {
  const configDir = join(await temporaryDirectory(), 'config');
  const project = await temporaryDirectory();
  const approvals = createApprovals({ configDir });
  await approvals.approve(project, [start]);
  const [file = ''] = filesBelow(configDir);
  expect(filesBelow(configDir)).toHaveLength(1);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ project, command: start });
  for (const text of ['', '{', JSON.stringify({ project: '/else', command: start, approved_at: '' })]) {
    writeFileSync(file, text);
    expect(await approvals.missing(project, [start])).toEqual([start]);
  }
});

test('two servers approving at once lose nothing', async () => {
  const configDir = join(await temporaryDirectory(), 'config');
  const project = await temporaryDirectory();
  const commands = Array.from({ length: 20 }, (_, n) => ['node', `server-${n}.mjs`]);
  await Promise.all(commands.map((command) => createApprovals({ configDir }).approve(project, [command])));
  expect(await createApprovals({ configDir }).missing(project, commands)).toEqual([]);
});

test('directories of the user follow the platform, or one given directory', () => {
  const own = userDirectories('/somewhere/else');
  expect(own).toEqual({ config: '/somewhere/else/config', cache: '/somewhere/else/cache' });
  const usual = userDirectories();
  expect(usual.config).toContain('deep-optimize');
  expect(usual.cache).not.toBe(usual.config);
  expect(usual.config.startsWith(process.env['XDG_CONFIG_HOME'] ?? homedir())).toBe(true);
});
