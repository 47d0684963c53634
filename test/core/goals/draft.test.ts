import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftGoals } from '../../../src/core/goals/draft.ts';
import { goalsSchema } from '../../../src/core/model/goals.ts';
import type { ProjectFacts } from '../../../src/core/ports/project.ts';

type Route = ProjectFacts['serverFiles'][number]['routes'][number];

const FACTS: ProjectFacts = {
  name: '@acme/Slow API',
  packageJson: {
    scripts: { start: 'node dist/server.js --port=0', build: 'tsc', test: 'vitest run' },
    dependencies: ['fastify'],
    devDependencies: [],
  },
  lockfile: 'npm',
  serverFiles: [
    {
      file: 'src/server.ts',
      listens: true,
      portEnv: 'PORT',
      routes: [
        { method: 'GET', path: '/health' },
        { method: 'GET', path: '/posts' },
        { method: 'POST', path: '/posts' },
        { method: 'GET', path: '/posts/:id' },
      ],
    },
  ],
  hasGit: true,
  openApi: null,
  benchmarks: [],
  loadScripts: [],
  sqlFiles: [],
  databases: { urlEnvs: [], sqliteFiles: [] },
};

const withScripts = (scripts: Record<string, string>): ProjectFacts => ({
  ...FACTS,
  packageJson: { scripts, dependencies: [], devDependencies: [] },
});
const withRoutes = (...routes: Route[]): ProjectFacts => ({
  ...FACTS,
  serverFiles: [{ file: 'server.js', listens: true, portEnv: 'PORT', routes }],
});
const serviceOf = (facts: ProjectFacts) =>
  draftGoals(facts).goals.workloads.find((workload) => workload.kind === 'http');
const commandOf = (facts: ProjectFacts) => serviceOf(facts)?.start?.command;
const pathsOf = (facts: ProjectFacts) => serviceOf(facts)?.requests?.map(({ path }) => path);
const missingOf = (facts: ProjectFacts) => draftGoals(facts).missing.map(({ what }) => what);

describe('a draft', () => {
  it.each([
    ['node server.js', false],
    ['json-server --port ${PORT:-3000} db.json', true],
    ['serve -l $PORT', true],
    ['serve -l $PORTAL', false],
    ['serve -l %PORT%', true],
  ])('knows from "%s" whether the port is taken from the environment', (start, isTaken) => {
    expect(
      missingOf({ ...withScripts({ start }), serverFiles: [] }).includes('start.env or start.command'),
    ).toBe(!isTaken);
  });

  it('is made from what the files say', () => {
    const { goals, found, missing } = draftGoals(FACTS);
    expect(goals.workloads).toEqual([
      {
        name: 'slow-api',
        kind: 'http',
        start: {
          command: ['node', 'dist/server.js', '--port=0'],
          env: { NODE_ENV: 'production' },
          ready: { path: '/health' },
        },
        setup: [['npm', 'run', 'build']],
        requests: [
          { method: 'GET', path: '/posts', weight: 1, expect: { status: 200 } },
          { method: 'GET', path: '/posts/1', weight: 1, expect: { status: 200 } },
        ],
        draft: true,
      },
    ]);
    expect(goals.correctness).toEqual({ test: ['npm', 'test'] });
    expect(found).toEqual([
      'start command: node dist/server.js --port=0',
      'framework: Fastify',
      'build script: tsc',
      'routes: 2 of 4 as requests',
      'test command: npm test',
    ]);
    expect(missing.map(({ what }) => what)).toEqual(['requests for /posts/:id', 'objectives', 'constraints']);
  });

  it('marks everything as a draft: nobody reads an SLO out of source code', () => {
    const { goals } = draftGoals(FACTS);
    expect(goals.objectives).toHaveLength(3);
    expect(
      [...goals.workloads, ...goals.objectives, ...goals.constraints].every(({ draft }) => draft === true),
    ).toBe(true);
  });

  it('starts npm only where the script is more than a node command', () => {
    expect(commandOf(withScripts({ start: 'NODE_ENV=production node server.js' }))).toEqual([
      'npm',
      'run',
      '--silent',
      'start',
    ]);
    expect(commandOf(withScripts({ start: 'node a.js && node b.js' }))?.[0]).toBe('npm');
    expect(commandOf(withScripts({ start: 'node $(cat x)' }))?.[0]).toBe('npm');
    expect(commandOf(withScripts({}))).toEqual(['node', '--import', 'tsx', 'src/server.ts']);
  });

  it('takes the file that listens before one that only has routes', () => {
    const routes: Route[] = [];
    const files = [
      { file: 'routes.js', listens: false, portEnv: null, routes },
      { file: 'main.js', listens: true, portEnv: null, routes },
    ];
    expect(commandOf({ ...withScripts({}), serverFiles: files })).toEqual(['node', 'main.js']);
  });

  it('asks how the service is started when nothing tells', () => {
    const facts: ProjectFacts = { ...FACTS, packageJson: null, lockfile: null, serverFiles: [] };
    const draft = draftGoals(facts);
    expect(draft.goals).toMatchObject({ workloads: [], objectives: [], constraints: [] });
    expect(missingOf(facts)).toEqual(['workloads[].start.command', 'correctness.test']);
  });

  it('asks about a port that the program may not take', () => {
    const [server] = FACTS.serverFiles;
    expect(missingOf(FACTS)).not.toContain('start.env or start.command');
    expect(missingOf({ ...FACTS, serverFiles: server ? [{ ...server, portEnv: null }] : [] })).toContain(
      'start.env or start.command',
    );
  });

  it('does not take npm init’s placeholder for tests', () => {
    const facts = withScripts({ test: 'echo "Error: no test specified" && exit 1' });
    expect(draftGoals(facts).goals.correctness).toBeUndefined();
    expect(missingOf(facts)).toContain('correctness.test');
  });

  it.each([
    ['pnpm', ['pnpm', 'test']],
    ['yarn', ['yarn', 'test']],
    [null, ['npm', 'test']],
  ] as const)('tests with %s where that locked the dependencies', (lockfile, test) => {
    expect(draftGoals({ ...FACTS, lockfile }).goals.correctness?.test).toEqual(test);
  });

  it('fills parameters, leaves out probes and wildcards, and stops at a few', () => {
    const get = (path: string): Route => ({ method: 'GET', path });
    expect(
      pathsOf(withRoutes(get('/a/:id(\\d+)/b/:slug?'), get('/c/{id}/d'), get('/healthz'), get('/*'))),
    ).toEqual(['/a/1/b/1', '/c/1/d']);
    expect(pathsOf(withRoutes(...Array.from({ length: 9 }, (_, n) => get(`/p${n}`))))).toHaveLength(5);
    expect(pathsOf(withRoutes(get('/same'), get('/same')))).toEqual(['/same']);
    expect(pathsOf(withRoutes({ method: 'POST', path: '/only' }))).toEqual(['/']);
  });

  it('prefers what a load script asks for to a description of the API, and that to routes', () => {
    const openApi = { file: 'openapi.json', text: '{"openapi":"3.0.0","paths":{"/described":{"get":{}}}}' };
    const request = {
      method: 'POST',
      path: '/login?token=t',
      body: { password: 'p' },
      isFilled: true,
    } as const;
    const loadScripts = [
      { file: 'empty.js', tool: 'k6', requests: [{ path: '/health', isFilled: false }] },
      {
        file: 'load.yml',
        tool: 'artillery',
        requests: [request, request, { ...request, path: '/b', weight: 0.2 }],
      },
    ] as const;
    expect(pathsOf({ ...FACTS, openApi })).toEqual(['/described']);
    const facts = { ...FACTS, openApi, loadScripts };
    expect(draftGoals(facts).goals.workloads[0]).toMatchObject({
      requests: [
        { path: '/login?token=replace-me', body: { password: 'replace-me' } },
        { path: '/b', weight: 1 },
      ],
    });
    expect(missingOf(facts)).toEqual([
      'values in POST /login?token=t, POST /b',
      'values of token, password',
      'effects of POST /login?token=t, POST /b',
      'objectives',
      'constraints',
    ]);
  });

  it('goes back to routes when the description of the API is broken, and says where', () => {
    const facts = { ...FACTS, openApi: { file: 'openapi.json', text: '{"openapi": "3",\n oops}' } };
    expect(pathsOf(facts)).toEqual(['/posts', '/posts/1']);
    expect(draftGoals(facts).missing[0]).toMatchObject({
      what: 'openapi.json',
      why: expect.stringContaining('line 2, column 2') as string,
    });
  });

  it('knows the requests of a service even when nothing tells how it is started', () => {
    const openApi = { file: 'api/openapi.yaml', text: 'openapi: 3.0.0\npaths: { /pets: { get: {} } }' };
    const draft = draftGoals({ ...FACTS, packageJson: null, serverFiles: [], openApi });
    expect(draft.goals.workloads).toEqual([]);
    expect(draft.missing[0]?.why).toContain('Its requests are known: GET /pets');
  });

  it('is always valid, whatever a project is called and has', () => {
    const path = fc.string().map((text) => `/${text}`);
    const facts: fc.Arbitrary<ProjectFacts> = fc.record({
      name: fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 60, maxLength: 90 })),
      packageJson: fc.option(
        fc.record({
          scripts: fc.dictionary(fc.constantFrom('start', 'build', 'test'), fc.string()),
          dependencies: fc.subarray(['express', 'koa', 'left-pad', 'pg', 'libsql']),
          bin: fc.dictionary(fc.string(), fc.string()),
          devDependencies: fc.constant([]),
        }),
      ),
      lockfile: fc.constantFrom('npm', 'pnpm', 'yarn', null),
      serverFiles: fc.array(
        fc.record({
          file: fc.string({ minLength: 1 }),
          routes: fc.array(fc.record({ method: fc.constantFrom('GET', 'POST'), path })),
          listens: fc.boolean(),
          portEnv: fc.constantFrom('PORT', null),
        }),
      ),
      hasGit: fc.boolean(),
      openApi: fc.option(fc.record({ file: fc.constant('openapi.yaml'), text: fc.string() })),
      benchmarks: fc.array(
        fc.record({
          file: fc.string(),
          tool: fc.constantFrom('tinybench', 'vitest bench'),
          cases: fc.array(
            fc.record({
              name: fc.string(),
              subject: fc.option(
                fc.record({
                  module: fc.constantFrom('src/a.ts', 'b.js'),
                  export: fc.string({ minLength: 1 }),
                  args: fc.option(fc.array(fc.jsonValue({ maxDepth: 1 }))),
                  argsText: fc.string(),
                }),
              ),
            }),
          ),
        }),
      ),
      loadScripts: fc.array(
        fc.record({
          file: fc.string(),
          tool: fc.constantFrom('k6', 'artillery'),
          requests: fc.array(fc.record({ path, weight: fc.double({ noNaN: true }), isFilled: fc.boolean() })),
        }),
      ),
      sqlFiles: fc.array(
        fc.record({
          file: fc.constantFrom('a.sql', 'sql/Über uns.sql', '?.sql'),
          statements: fc.constantFrom(1, 2),
          parameters: fc.subarray(['$1', '?', ':name']),
        }),
      ),
      databases: fc.record({
        urlEnvs: fc.array(
          fc.record({ name: fc.constant('DB_URL'), engine: fc.constantFrom('postgres', 'sqlite', null) }),
        ),
        sqliteFiles: fc.subarray(['a.db']),
      }),
    });
    fc.assert(
      fc.property(facts, (some) => {
        const { goals } = draftGoals(some);
        expect(goalsSchema.parse(goals)).toEqual(goals);
      }),
    );
  });
});
