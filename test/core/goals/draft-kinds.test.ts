import { describe, expect, it } from 'vitest';
import { draftGoals } from '../../../src/core/goals/draft.ts';
import type { BenchmarkFacts, ProjectFacts, SqlFileFacts } from '../../../src/core/ports/project.ts';

const NOTHING: ProjectFacts = {
  name: 'kit',
  packageJson: { scripts: { test: 'node --test' }, dependencies: [], devDependencies: [] },
  lockfile: 'npm',
  serverFiles: [],
  hasGit: true,
  openApi: null,
  benchmarks: [],
  loadScripts: [],
  sqlFiles: [],
  databases: { urlEnvs: [], sqliteFiles: [] },
};
const withPackage = (fields: Partial<NonNullable<ProjectFacts['packageJson']>>): ProjectFacts => ({
  ...NOTHING,
  packageJson: { scripts: {}, dependencies: [], devDependencies: [], ...fields },
});
const namesOf = (facts: ProjectFacts) =>
  draftGoals(facts).goals.workloads.map(({ kind, name }) => `${kind} ${name}`);
const missingOf = (facts: ProjectFacts) =>
  draftGoals(facts).missing.map(({ what, why }) => `${what}: ${why}`);

const benchmark = (...exported: readonly string[]): BenchmarkFacts => ({
  file: 'bench/a.mjs',
  tool: 'mitata',
  cases: exported.map((name) => ({
    name: `case ${name}`,
    subject: { module: 'src/kit.js', export: name, args: ['x', 1], argsText: `'x', 1` },
  })),
});

describe('functions', () => {
  it('are called as the benchmark calls them, each once', () => {
    const facts = { ...NOTHING, benchmarks: [benchmark('parse', 'parse', 'default')] };
    expect(draftGoals(facts).goals.workloads).toEqual([
      {
        name: 'parse',
        kind: 'function',
        description: 'case parse (bench/a.mjs)',
        module: 'src/kit.js',
        export: 'parse',
        args: { json: ['x', 1] },
        draft: true,
      },
      {
        name: 'kit',
        kind: 'function',
        description: 'case default (bench/a.mjs)',
        module: 'src/kit.js',
        args: { json: ['x', 1] },
        draft: true,
      },
    ]);
    expect(draftGoals(facts).goals.objectives.map(({ metric, primary }) => [metric, primary])).toEqual([
      ['wall_ms', true],
      ['wall_ms', true],
    ]);
  });

  it('whose arguments or subject are not known are asked about', () => {
    const cases: BenchmarkFacts['cases'] = [
      { name: 'a', subject: { module: 'a.js', export: 'a', args: null, argsText: 'make(\n 3)' } },
      { name: 'b', subject: null },
      { name: 'c', subject: { module: 'a.js', export: 'c', args: ['x'.repeat(600)], argsText: "'xx…'" } },
    ];
    const missing = missingOf({ ...NOTHING, benchmarks: [{ file: 'b.js', tool: 'tinybench', cases }] });
    expect(missing[0]).toContain(
      'args of a: b.js calls it with make( 3), known only at run time or too long',
    );
    expect(missing[1]).toContain("args of c: b.js calls it with 'xx…'");
    expect(missing[2]).toContain(
      'b.js (tinybench: b): which export of the project it calls was not recognized',
    );
  });
});

describe('commands', () => {
  it('of a package are asked for help, after its build', () => {
    const facts = withPackage({ bin: { '@acme/kit': './dist/cli.js' }, scripts: { build: 'tsc' } });
    expect(draftGoals(facts).goals.workloads).toEqual([
      {
        name: 'kit',
        kind: 'command',
        description: 'start-up of @acme/kit, as a placeholder',
        command: ['node', 'dist/cli.js', '--help'],
        setup: [['npm', 'run', 'build']],
        expect: { exit_code: 0 },
        draft: true,
      },
    ]);
    expect(missingOf(facts)[0]).toContain('command of kit: --help only measures how it starts');
  });

  it('are none where they start the service or lead out of the project', () => {
    const facts = withPackage({
      bin: { up: 'server.js', out: '../x.js', abs: '/bin/sh' },
      scripts: { start: 'node server.js' },
    });
    expect(namesOf(facts)).toEqual(['http kit']);
  });
});

describe('queries', () => {
  const sql = (file: string, ...parameters: readonly string[]): SqlFileFacts => ({
    file,
    statements: 1,
    parameters,
  });
  const databaseOf = (facts: ProjectFacts) => {
    const [workload] = draftGoals(facts).goals.workloads;
    return workload?.kind === 'query' ? workload.database : undefined;
  };

  it('name the variable that holds the address, never the address', () => {
    const urlEnvs = [
      { name: 'CACHE_DB_PATH', engine: 'sqlite' },
      { name: 'SHOP_DATABASE_URL', engine: 'postgres' },
    ] as const;
    const facts = {
      ...withPackage({ dependencies: ['pg'] }),
      sqlFiles: [sql('sql/top orders.sql', '$1', '$2')],
      databases: { urlEnvs, sqliteFiles: [] },
    };
    expect(draftGoals(facts).goals.workloads).toEqual([
      {
        name: 'top-orders',
        kind: 'query',
        database: { engine: 'postgres', url_env: 'SHOP_DATABASE_URL' },
        file: 'sql/top orders.sql',
        params: [[1, 1]],
        draft: true,
      },
    ]);
    expect(missingOf(facts)[0]).toContain('params of top-orders: $1, $2 were filled with 1');
  });

  it('go to the database whose placeholders they have', () => {
    const both = withPackage({ dependencies: ['better-sqlite3', 'pg'] });
    const databases = { urlEnvs: [], sqliteFiles: ['data/app.db'] };
    expect(databaseOf({ ...both, databases, sqlFiles: [sql('a.sql', '?')] })).toEqual({
      engine: 'sqlite',
      file: 'data/app.db',
    });
    expect(databaseOf({ ...both, databases, sqlFiles: [sql('a.sql', '$1')] })).toEqual({
      engine: 'postgres',
      url_env: 'DATABASE_URL',
    });
    expect(missingOf({ ...both, sqlFiles: [sql('a.sql', '$1')] }).join()).toContain(
      'DATABASE_URL is a guess',
    );
  });

  it('without a database, or several in a file, are only told', () => {
    const facts = {
      ...NOTHING,
      sqlFiles: [sql('a.sql'), { ...sql('b.sql'), statements: 3 }],
    };
    expect(namesOf(facts)).toEqual([]);
    const missing = missingOf(facts).join('\n');
    expect(missing).toContain('database of a.sql: neither a client');
    expect(missing).toContain('b.sql: hold several statements');
    expect(
      missingOf({ ...facts, packageJson: withPackage({ dependencies: ['sqlite3'] }).packageJson })[1],
    ).toContain('no SQLite file was found');
  });
});

describe('a project of everything', () => {
  const facts: ProjectFacts = {
    ...withPackage({
      bin: { one: 'one.js', two: 'two.js' },
      scripts: { start: 'node server.js' },
      dependencies: ['pg', 'express'],
    }),
    benchmarks: [benchmark('a', 'b', 'c', 'd')],
    sqlFiles: ['a', 'q', 'r'].map((name) => ({ file: `${name}.sql`, statements: 1, parameters: [] })),
  };

  it('gets a handful, none of a kind crowding out the others, with names of their own', () => {
    expect(namesOf(facts)).toEqual(['http kit', 'function a', 'function b', 'query a-2', 'query q']);
    expect(draftGoals(facts).found.join('\n')).toContain(
      'not drafted, to keep it short: function c, function d, query r, command one and 1 more',
    );
  });

  it('asks only about what it drafted', () => {
    expect(missingOf(facts).join('\n')).not.toContain('command of');
  });

  it('gives free places to a kind that has more', () => {
    expect(namesOf({ ...NOTHING, benchmarks: facts.benchmarks })).toHaveLength(4);
  });
});
