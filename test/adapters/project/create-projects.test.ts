import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProjects } from '../../../src/adapters/project/create-projects.ts';
import { createCheckouts } from '../../../src/adapters/snapshots/create-checkouts.ts';
import { createSnapshots } from '../../../src/adapters/snapshots/create-snapshots.ts';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { prepareStateDirectory } from '../../../src/adapters/store/state-directory.ts';
import type { BudgetsFile } from '../../../src/core/model/guard.ts';
import type { Goals } from '../../../src/core/model/goals.ts';
import type { Project, Projects } from '../../../src/core/ports/project.ts';
import { git, writeFiles } from '../../support/git-project.ts';
import { aRun } from '../../support/records.ts';
import { simpleProcesses } from '../../support/simple-processes.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { unprivileged } from '../../support/unprivileged.ts';

const baseEnv = { PATH: process.env['PATH'] ?? '' };

function projectsWith(cacheDir: string): Projects {
  return createProjects({
    openStore,
    prepareStateDirectory,
    createSnapshots: (directory) =>
      createSnapshots({
        directory,
        processes: simpleProcesses,
        clock: { now: () => new Date().toISOString() },
        baseEnv,
        prepareStateDirectory,
      }),
    createCheckouts: (directory, snapshots) =>
      createCheckouts({ directory, snapshots, processes: simpleProcesses, baseEnv, cacheDir }),
  });
}

async function opened(): Promise<Project> {
  const directory = await temporaryDirectory();
  return projectsWith(await temporaryDirectory()).open(directory);
}

const goals: Goals = {
  workloads: [
    {
      name: 'list-posts',
      kind: 'http',
      start: { command: ['node', 'server.mjs'] },
      requests: [{ path: '/posts' }],
    },
  ],
  objectives: [{ workload: 'list-posts', metric: 'latency_p95_ms', max: 250 }],
  constraints: [],
};

const budgets: BudgetsFile = {
  budgets: [
    {
      id: 'list-posts-p95',
      workload: 'list-posts',
      metric: 'latency_p95_ms',
      max: 250,
      provenance: { from: 'goal', id: null, estimate: null, machine: null, text: 'the goal' },
      created_at: '2026-11-22T10:00:00.000Z',
    },
  ],
};

describe('opening', () => {
  test('gives the same object for the same directory, by whatever path', async () => {
    const directory = await temporaryDirectory();
    const other = join(await temporaryDirectory(), 'link');
    symlinkSync(directory, other);
    const projects = projectsWith(directory);
    const [first, second, third] = await Promise.all([
      projects.open(directory),
      projects.open(`${directory}/`),
      projects.open(other),
    ]);
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(first.directory).toBe(directory);
  });

  test('looking leaves nothing behind; the first record makes the database', async () => {
    const project = await opened();
    expect(await project.files.readGoals()).toBeUndefined();
    expect(await project.files.readBudgets()).toBeUndefined();
    expect(await project.files.decisions()).toEqual([]);
    await project.files.facts();
    expect(readdirSync(project.directory)).toEqual([]);

    await project.files.writeGoals(goals);
    expect(readdirSync(join(project.directory, '.deep-optimize')).sort()).toEqual([
      '.gitignore',
      'goals.json',
    ]);
    await project.store.runs.create(aRun());
    expect(await project.store.runs.get('run_1')).toEqual(aRun());
    expect(existsSync(join(project.directory, '.deep-optimize/history.db'))).toBe(true);
    const artifact = await project.store.artifacts.create(
      {
        id: 'art_1',
        run_id: 'run_1',
        kind: 'log',
        title: 't',
        mime_type: 'text/plain',
        extension: 'txt',
        created_at: '',
      },
      'x',
    );
    expect(readFileSync(project.store.artifacts.path(artifact), 'utf8')).toBe('x');
    await project.store.close();
  });

  test('after closing all, a project opens again with what it had', async () => {
    const directory = await temporaryDirectory();
    const projects = projectsWith(directory);
    await (await projects.open(directory)).store.runs.create(aRun());
    await projects.closeAll();
    await projects.closeAll();
    const again = await projects.open(directory);
    expect(await again.store.runs.get('run_1')).toEqual(aRun());
    await projects.closeAll();
  });

  test('a store that failed to open is tried again', async () => {
    const project = await opened();
    writeFiles(project.directory, { '.deep-optimize/history.db': 'not a database, certainly' });
    await expect(project.store.runs.get('run_1')).rejects.toMatchObject({ code: 'state_corrupt' });
    writeFiles(project.directory, { '.deep-optimize/history.db': '' });
    expect(await project.store.runs.get('run_1')).toBeUndefined();
    await project.store.close();
  });

  test.each(['missing', 'file.txt', 'closed', 'nul\0byte'])('%j is invalid_project', async (name) => {
    const parent = await temporaryDirectory();
    chmodSync(parent, 0o755);
    writeFiles(parent, { 'file.txt': '' });
    mkdirSync(join(parent, 'closed'), { mode: 0o700 });
    await unprivileged(async () => {
      await expect(projectsWith(parent).open(join(parent, name))).rejects.toMatchObject({
        code: 'invalid_project',
        kind: 'input',
      });
    });
  });
});

describe('goals and budgets', () => {
  test('are written as JSON for people and read again', async () => {
    const { files, directory } = await opened();
    expect(await files.writeGoals(goals)).toBe('.deep-optimize/goals.json');
    const text = readFileSync(join(directory, '.deep-optimize/goals.json'), 'utf8');
    expect(text).toMatch(
      /^\{\n {2}"\$schema": "\.\.\/node_modules\/deep-optimize\/schemas\/goals\.schema\.json",\n {2}"version": 1,\n {2}"workloads": \[\n/,
    );
    expect(text.endsWith('}\n')).toBe(true);
    expect(await files.readGoals()).toMatchObject(goals);

    expect(await files.writeBudgets(budgets)).toBe('.deep-optimize/budgets.json');
    expect(await files.readBudgets()).toMatchObject(budgets);
    expect(readdirSync(join(directory, '.deep-optimize')).sort()).toEqual([
      '.gitignore',
      'budgets.json',
      'goals.json',
    ]);
  });

  test('a $schema that a person chose is kept, and a byte order mark does no harm', async () => {
    const { files, directory } = await opened();
    const text = `\ufeff${JSON.stringify({ ...goals, $schema: './mine.json' })}`;
    writeFiles(directory, { '.deep-optimize/goals.json': text });
    await files.writeGoals(goals);
    expect((await files.readGoals())?.$schema).toBe('./mine.json');
  });

  test.each([
    ['{\n  "workloads": [],\n}', 'line 3, column 1: expected a name in double quotes (and no comma'],
    ['root:x:0:0:secret', 'line 1, column 1: expected a value'],
    ['', 'line 1, column 1'],
    [
      JSON.stringify({ workloads: [], objectives: [], constraints: [], goal: 1 }, null, 2),
      'goal (line 5): unknown name; allowed here: $schema, version, workloads',
    ],
    [
      JSON.stringify(
        { workloads: [{ name: 'x', kind: 'http', requests: [] }], objectives: [], constraints: [] },
        null,
        1,
      ),
      'workloads[0].requests (line 6): Too small',
    ],
    ['{"version": 2, "workloads": [], "objectives": [], "constraints": []}', 'version (line 1): must be 1'],
  ])('%j is refused with the place, and stays', async (text, message) => {
    const { files, directory } = await opened();
    const file = join(directory, '.deep-optimize/goals.json');
    writeFiles(directory, { '.deep-optimize/goals.json': text });
    const error: unknown = await files.readGoals().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid_goals', kind: 'input' });
    expect(error).toHaveProperty('message', expect.stringContaining('.deep-optimize/goals.json'));
    expect(error).toHaveProperty('message', expect.stringContaining(message));
    expect(error).toHaveProperty('message', expect.not.stringContaining('secret'));
    await expect(files.writeGoals(goals)).rejects.toMatchObject({ code: 'invalid_goals' });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('budgets have their own code, and a directory of that name is an error too', async () => {
    const { files, directory } = await opened();
    writeFiles(directory, { '.deep-optimize/budgets.json': '{"budgets":{}}' });
    await expect(files.readBudgets()).rejects.toMatchObject({ code: 'invalid_budgets' });
    mkdirSync(join(directory, '.deep-optimize/goals.json'));
    await expect(files.readGoals()).rejects.toMatchObject({ code: 'invalid_goals' });
  });

  test('a read-only project is not_writable and keeps its goals', async () => {
    const { files, directory } = await opened();
    await files.writeGoals(goals);
    chmodSync(directory, 0o755);
    await unprivileged(async () => {
      await expect(files.writeGoals({ ...goals, objectives: [] })).rejects.toMatchObject({
        code: 'not_writable',
      });
    });
    expect((await files.readGoals())?.objectives).toHaveLength(1);
  });
});

describe('decisions', () => {
  const decision = {
    title: 'Hoist the RegExp — “naïve” / fast?',
    kind: 'keep',
    experiment_id: 'exp_1',
    rationale: 'because',
    created_at: '2026-11-22T10:00:00.000Z',
  } as const;
  const markdown = (id: string) => `# ${id}. Hoist it\n\nText.\n`;

  test('are numbered files', async () => {
    const { files, directory } = await opened();
    expect(await files.writeDecision(decision, markdown)).toEqual({
      ...decision,
      id: '0001',
      file: '.deep-optimize/decisions/0001-hoist-the-regexp-naive-fast.md',
    });
    writeFiles(directory, {
      '.deep-optimize/decisions/0007-by-hand.md': 'no heading',
      '.deep-optimize/decisions/x': '',
    });
    const next = await files.writeDecision({ ...decision, title: '../../..' }, markdown);
    expect(next.file).toBe('.deep-optimize/decisions/0008-decision.md');
    expect(await files.decisions()).toEqual([
      {
        id: '0001',
        file: '.deep-optimize/decisions/0001-hoist-the-regexp-naive-fast.md',
        title: 'Hoist it',
        text: markdown('0001'),
      },
      { id: '0007', file: '.deep-optimize/decisions/0007-by-hand.md', title: 'by-hand', text: 'no heading' },
      { id: '0008', file: next.file, title: 'Hoist it', text: markdown('0008') },
    ]);
  });

  test('two writers never get the same number', async () => {
    const { files, directory } = await opened();
    const other = (await projectsWith(directory).open(directory)).files;
    const written = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        (n % 2 === 0 ? files : other).writeDecision({ ...decision, title: `title ${n}` }, markdown),
      ),
    );
    expect(new Set(written.map(({ id }) => id)).size).toBe(12);
    expect(await files.decisions()).toHaveLength(12);
    expect(readdirSync(join(directory, '.deep-optimize/tmp'))).toEqual([]);
  });
});

describe('imports', () => {
  test('read files of the project', async () => {
    const { files, directory } = await opened();
    writeFiles(directory, { 'docs/traffic.har': '{}' });
    expect(await files.readImport('docs/traffic.har')).toBe('{}');
    expect(await files.readImport('./docs/../docs/traffic.har')).toBe('{}');
  });

  test.each([
    ['gone.har', /cannot be found/],
    ['docs', /cannot be read/],
    ['../outside.har', /lies outside/],
    ['link.har', /lies outside/],
    ['nul\0byte', /cannot be found/],
  ])('of %j are refused', async (file, message) => {
    const parent = await temporaryDirectory();
    writeFiles(parent, { 'outside.har': 'secret', 'project/docs/x': '' });
    symlinkSync(join(parent, 'outside.har'), join(parent, 'project/link.har'));
    const { files } = await projectsWith(parent).open(join(parent, 'project'));
    await expect(files.readImport(file)).rejects.toMatchObject({ code: 'invalid_import', kind: 'input' });
    await expect(files.readImport(file)).rejects.toThrow(message);
    await expect(files.readImport(join(parent, 'outside.har'))).rejects.toMatchObject({
      code: 'invalid_import',
    });
  });

  test('larger than a recording ever is are not read', async () => {
    const { files, directory } = await opened();
    writeFiles(directory, { 'huge.har': '' });
    truncateSync(join(directory, 'huge.har'), 2 ** 27);
    await expect(files.readImport('huge.har')).rejects.toThrow(/134217728 bytes/);
  });
});

describe('facts', () => {
  const NO_OTHER_FACTS = {
    openApi: null,
    benchmarks: [],
    loadScripts: [],
    sqlFiles: [],
    databases: { urlEnvs: [], sqliteFiles: [] },
  };

  test('tell scripts, dependencies, lockfile and candidates of servers', async () => {
    const { files, directory } = await opened();
    writeFiles(directory, {
      'package.json': JSON.stringify({
        name: '@scope/app',
        bin: './cli.js',
        main: 'src/server.mjs',
        scripts: { start: 'node src/server.mjs', odd: 1 },
        dependencies: { fastify: '5', autocannon: '8' },
        devDependencies: ['wrong'],
      }),
      'pnpm-lock.yaml': '',
      'src/server.mjs': `fastify.get('/posts', list); fastify.listen({ port: process.env.PORT });`,
      'src/server.test.mjs': `app.get('/in-a-test', x)`,
      'src/deep/routes.ts': `router.post('/deep', x)`,
      'node_modules/x/index.js': `app.get('/in-a-dependency', x)`,
      'dist/server.js': `app.get('/in-a-build', x)`,
      '.cache/server.js': `app.get('/hidden', x)`,
      'src/large.mjs': `app.get('/large', x)`.padEnd(300_000),
    });
    expect(await files.facts()).toEqual({
      name: '@scope/app',
      packageJson: {
        scripts: { start: 'node src/server.mjs', odd: '' },
        dependencies: ['autocannon', 'fastify'],
        devDependencies: [],
        main: 'src/server.mjs',
        bin: { '@scope/app': './cli.js' },
      },
      lockfile: 'pnpm',
      serverFiles: [
        {
          file: 'src/server.mjs',
          routes: [{ method: 'GET', path: '/posts' }],
          listens: true,
          portEnv: 'PORT',
        },
        {
          file: 'src/deep/routes.ts',
          routes: [{ method: 'POST', path: '/deep' }],
          listens: false,
          portEnv: null,
        },
      ],
      hasGit: false,
      ...NO_OTHER_FACTS,
    });
  });

  test('of a package take the lockfile of its repository; a broken package.json is none', async () => {
    const root = await temporaryDirectory();
    git(root, 'init', '-q');
    writeFiles(root, { 'yarn.lock': '', 'packages/api/package.json': '{ broken' });
    const { files } = await projectsWith(root).open(join(root, 'packages/api'));
    expect(await files.facts()).toEqual({
      name: 'api',
      packageJson: null,
      lockfile: 'yarn',
      serverFiles: [],
      hasGit: true,
      ...NO_OTHER_FACTS,
    });
  });
});
