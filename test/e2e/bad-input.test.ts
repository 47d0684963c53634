import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/core/errors.ts';
import { waitUntil } from '../adapters/wait-until.ts';
import { startClientOfV1, type Arguments, type TestClient, type TestClientOfV1 } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyTargets, workloadOf } from '../support/test-project.ts';
import { expectError } from './expect-error.ts';

const home = createTestHome();

describe('programs that cannot be measured', () => {
  const held = createServer();
  let client: TestClient;

  beforeAll(async () => {
    await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
    const project = copyTargets(home);
    writeFileSync(
      join(project, 'own-port.mjs'),
      "import { createServer } from 'node:http'; createServer().listen(Number(process.env.OWN_PORT), '127.0.0.1');",
    );
    client = await startClientOfV1({ cwd: project, env: home.env });
    const startOf = (...command: readonly string[]) => ({ start: { command, timeout_s: 2 } });
    const ownPort = String((held.address() as AddressInfo).port);
    const workloads = [
      workloadOf('exits-at-once'),
      workloadOf('never-ready', startOf('node', 'never-ready.mjs')),
      workloadOf('listens-elsewhere', startOf('node', 'listens-elsewhere.mjs')),
      workloadOf('no-such-program', startOf('no-such-program-at-all', '--serve')),
      workloadOf('port-taken', {
        start: { command: ['node', 'own-port.mjs'], env: { OWN_PORT: ownPort } },
      }),
      workloadOf('wrong-status'),
      workloadOf('wrong-body', {
        start: workloadOf('ok').start,
        requests: [{ path: '/work', expect: { body_includes: 'what it never says' } }],
      }),
      workloadOf('dies-under-load'),
      workloadOf('bad-setup', {
        start: workloadOf('ok').start,
        setup: [['node', 'exits-at-once.mjs']],
      }),
    ];
    expect(await client.call('define_goals', { workloads })).toMatchObject({ isError: false });
  });
  afterAll(async () => {
    await client.close();
    held.close();
  });

  it.each<{ workload: string; code: ErrorCode; message: RegExp; output?: string }>([
    { workload: 'exits-at-once', code: 'start_failed', message: /code 3/, output: 'settings.toml' },
    { workload: 'never-ready', code: 'never_ready', message: /2 s/, output: 'please wait' },
    { workload: 'listens-elsewhere', code: 'listens_elsewhere', message: /listens on port \d+/ },
    { workload: 'no-such-program', code: 'start_failed', message: /no-such-program-at-all --serve/ },
    { workload: 'port-taken', code: 'port_taken', message: /port \d+/, output: 'EADDRINUSE' },
    { workload: 'wrong-status', code: 'expectation_failed', message: /500/ },
    { workload: 'wrong-body', code: 'expectation_failed', message: /what it never says/ },
    { workload: 'dies-under-load', code: 'target_died', message: /code 7/, output: 'file descriptors' },
    { workload: 'bad-setup', code: 'setup_failed', message: /code 3/, output: 'settings.toml' },
  ])('$workload: $code', async ({ workload, code, message, output }) => {
    const answer = await client.call('measure_baseline', { workload, effort: 'quick' });
    const error = expectError(answer, code);
    expect(error.message).toMatch(message);
    if (output !== undefined) {
      // What a program prints is data: beside the message, never in it or in the fix.
      expect(error.output).toContain(output);
      expect(`${error.message} ${error.fix}`).not.toContain(output);
    }
    expect(home.processes(client.pid)).toEqual([]);
    // The failure is kept: asked for again, the run gives the same answer.
    const history = await client.call('get_history', { section: 'runs', limit: 1 });
    const [run] = history.data['runs'] as readonly { readonly id: string }[];
    expect(run).toMatchObject({ state: 'failed' });
    expect((await client.call('get_run', { run_id: run?.id })).data).toEqual(answer.data);
  });
});

describe('calls that make no sense', () => {
  let client: TestClient;
  let project: string;

  beforeAll(async () => {
    project = copyTargets(home);
    client = await startClientOfV1({ cwd: project, env: home.env });
  });
  afterAll(() => client.close());

  it('without goals, everything that needs them says how to get them', async () => {
    for (const tool of ['measure_baseline', 'find_bottlenecks', 'validate_change', 'add_budget']) {
      const answer = await client.call(tool);
      expectError(answer, 'no_goals');
      expect(answer.data['next_steps']).toMatchObject([{ tool: 'define_goals' }]);
    }
    expectError(await client.call('check_budgets'), 'nothing_to_guard');
  });

  it.each<[string, Arguments, ErrorCode]>([
    ['measure_baseline', { workload: 'nobody' }, 'unknown_workload'],
    ['find_bottlenecks', { workload: 'nobody' }, 'unknown_workload'],
    ['find_bottlenecks', { baseline_id: 'base_nope' }, 'unknown_id'],
    ['inspect_evidence', { bottleneck_id: 'bn_nope' }, 'unknown_id'],
    ['inspect_evidence', { evidence_id: 'ev_nope' }, 'unknown_id'],
    ['propose_strategies', { bottleneck_id: 'bn_nope' }, 'unknown_id'],
    ['validate_change', { against: 'base_nope' }, 'unknown_id'],
    ['validate_change', {}, 'no_baseline'],
    [
      'record_decision',
      { experiment_id: 'exp_nope', decision: 'keep', rationale: 'it feels faster' },
      'unknown_id',
    ],
    ['add_budget', { baseline_id: 'base_nope' }, 'unknown_id'],
    ['check_budgets', { budget_id: 'nope' }, 'nothing_to_guard'],
    ['get_run', { run_id: 'run_nope' }, 'unknown_id'],
    ['cancel_run', { run_id: 'run_nope' }, 'unknown_id'],
    ['get_run', { run_id: '../../etc/passwd' }, 'invalid_arguments'],
    ['get_run', { run_id: 'run_nope', wait_s: 3600 }, 'invalid_arguments'],
    ['get_run', {}, 'invalid_arguments'],
    ['measure_baseline', { effort: 'enormous' }, 'invalid_arguments'],
    ['measure_baseline', { workload: ['ok'] }, 'invalid_arguments'],
    ['define_goals', { workloads: 'ok' }, 'invalid_arguments'],
    ['define_goals', { project_dir: '/no/such/directory' }, 'invalid_project'],
  ])('%s %j: %s', async (tool, args, code) => {
    await client.call('define_goals', {
      workloads: [workloadOf('ok')],
      objectives: [{ workload: 'ok', metric: 'error_rate', max: 0.01 }],
    });
    const answer = await client.call(tool, args);
    const error = expectError(answer, code);
    const value = Object.values(args).find((given) => typeof given === 'string');
    if (code === 'unknown_id' || code === 'unknown_workload') expect(error.message).toContain(value);
    expect(home.processes(client.pid)).toEqual([]);
  });

  it('names the valid arguments when one is unknown, and the valid values when one is wrong', async () => {
    const unknown = expectError(
      await client.call('measure_baseline', { workloads: ['ok'], efort: 'quick' }),
      'invalid_arguments',
    );
    expect(unknown.message).toMatch(/"workloads", "efort"/);
    expect(unknown.fix).toMatch(/project_dir, workload, effort, sweep, wait_s/);
    const value = expectError(await client.call('measure_baseline', { effort: 'fast' }), 'invalid_arguments');
    expect(value.message).toMatch(/quick.*standard.*thorough/);
  });

  it('says where a workload, an objective or a constraint is wrong, and writes nothing', async () => {
    const file = join(project, '.deep-optimize', 'goals.json');
    const before = readFileSync(file);
    const bad: readonly [Arguments, RegExp][] = [
      [{ workloads: [{ name: 'x', kind: 'http', start: { command: 'node server.js' } }] }, /command/],
      [{ workloads: [workloadOf('x', { kind: 'telepathy' })] }, /kind/],
      [{ workloads: [workloadOf('x', { requests: [] })] }, /requests/],
      [{ workloads: [workloadOf('x', { lod: {} })] }, /lod: unknown name; allowed here: .*load/],
      [{ objectives: [{ workload: 'ok', metric: 'vibes', max: 1 }] }, /metric/],
      [{ objectives: [{ workload: 'ok', metric: 'startup_ms' }] }, /max/],
      [{ objectives: [{ workload: 'nobody', metric: 'error_rate', max: 1 }] }, /nobody/],
      [{ remove: ['nobody'] }, /nobody/],
    ];
    for (const [args, place] of bad) {
      const { isError, data, text } = await client.call('define_goals', args);
      expect(isError, `${JSON.stringify(args)}: ${text}`).toBe(true);
      expect((data['error'] as { message: string }).message).toMatch(place);
      expect(data).toHaveProperty('error.fix');
    }
    expect(readFileSync(file)).toEqual(before);
  });

  it('gives back what a person has set as it was set, to the last digit', async () => {
    const workload = workloadOf('ok', {
      requests: [{ method: 'POST', path: '/near', body: { latitude: 48.1371543, longitude: 11.5761233 } }],
    });
    const objective = { workload: 'ok', metric: 'latency_p95_ms', max: 1234.567 };
    const answer = await client.call('define_goals', {
      project_dir: copyTargets(home),
      workloads: [workload],
      objectives: [objective],
    });
    expect(answer.data).toMatchObject({ goals: { workloads: [workload], objectives: [objective] } });
  });

  it('looks at a project without leaving anything there', async () => {
    const untouched = copyTargets(home);
    const at = { project_dir: untouched };
    for (const [tool, args] of [
      ['define_goals', {}],
      ['get_history', {}],
      ['get_run', { run_id: 'run_nope' }],
      ['inspect_evidence', {}],
      ['propose_strategies', {}],
    ] as const) {
      await client.call(tool, { ...at, ...args });
    }
    expect(existsSync(join(untouched, '.deep-optimize'))).toBe(false);
  });
});

describe('goals.json that somebody else wrote', () => {
  const projectWith = (goals: string): string => {
    const project = copyTargets(home);
    mkdirSync(join(project, '.deep-optimize'));
    writeFileSync(join(project, '.deep-optimize', 'goals.json'), goals);
    return project;
  };
  let client: TestClient;

  beforeAll(async () => {
    client = await startClientOfV1({ cwd: home.newDirectory('elsewhere'), env: home.env });
  });
  afterAll(() => client.close());

  it.each([
    ['not JSON', '{\n  "workloads": [\n    oops\n', /goals\.json, line 3/],
    [
      'another shape',
      '{ "workloads": [{ "name": "x" }], "objectives": {}, "constraints": [] }',
      /objectives/,
    ],
    ['a list', '[]', /goals\.json/],
    ['nothing at all', '', /line 1/],
  ])('%s: named, and untouched by every tool', async (_what, goals, message) => {
    const project = projectWith(goals);
    const file = join(project, '.deep-optimize', 'goals.json');
    for (const [tool, args] of [
      ['define_goals', {}],
      ['define_goals', { workloads: [workloadOf('ok')] }],
      ['measure_baseline', {}],
      ['get_history', {}],
    ] as const) {
      const error = expectError(await client.call(tool, { ...args, project_dir: project }), 'invalid_goals');
      expect(error.message).toMatch(message);
      expect(error.message).toContain('.deep-optimize/goals.json');
    }
    expect(readFileSync(file, 'utf8')).toBe(goals);
  });

  it('commands that nobody has seen are named, run after approval, and asked for again when they change', async () => {
    const goals = (setup: string) =>
      JSON.stringify({
        workloads: [workloadOf('ok', { setup: [['node', '-e', setup]] })],
        objectives: [],
        constraints: [],
      });
    const project = projectWith(goals('0'));
    const at = { project_dir: project };
    const measure = { ...at, effort: 'quick', wait_s: 0 };
    const commands = [
      ['node', '-e', '0'],
      ['node', 'ok.mjs'],
    ];

    const refused = await client.call('measure_baseline', measure);
    const error = expectError(refused, 'commands_not_approved');
    for (const command of commands) expect(error.message).toContain(JSON.stringify(command));
    expect(refused.data['next_steps']).toMatchObject([
      { tool: 'define_goals', arguments: { ...at, approve_commands: commands } },
    ]);
    expect(existsSync(join(project, '.deep-optimize', 'history.db'))).toBe(false);

    // To name another command, or to change something else, is no approval.
    await client.call('define_goals', { ...at, approve_commands: [['node', 'other.mjs']] });
    await client.call('define_goals', {
      ...at,
      objectives: [{ workload: 'ok', metric: 'error_rate', max: 0.1 }],
    });
    expectError(await client.call('measure_baseline', measure), 'commands_not_approved');

    const approved = await client.call('define_goals', { ...at, approve_commands: commands });
    expect(approved.data).toMatchObject({ unapproved_commands: [] });
    const started = await client.request('measure_baseline', measure);
    const run = { ...at, run_id: started.data['run_id'] };
    expect(started.data).toMatchObject({
      status: 'running',
      next_steps: [{ tool: 'get_run', arguments: run }],
    });
    await client.call('cancel_run', run);

    writeFileSync(join(project, '.deep-optimize', 'goals.json'), goals('1'));
    const again = expectError(await client.call('measure_baseline', measure), 'commands_not_approved');
    expect(again.message).toContain('["node","-e","1"]');
    expect(again.message).not.toContain('ok.mjs');
  });
});

describe('a second call while a measurement runs', () => {
  let client: TestClientOfV1;
  const quickly = { effort: 'quick', wait_s: 0 };

  beforeAll(async () => {
    client = await startClientOfV1({ cwd: copyTargets(home), env: home.env });
    await client.call('define_goals', { workloads: [workloadOf('forks-children'), workloadOf('ok')] });
  });
  afterAll(() => client.close());

  it('joins when it is the same, is refused when it is another, and goes again after cancel_run', async () => {
    // Both at once: neither has begun when the other comes.
    const [started, same] = await Promise.all(
      [1, 2].map(() => client.request('measure_baseline', { workload: 'forks-children', ...quickly })),
    );
    const runId = started?.data['run_id'];
    expect(started?.data).toMatchObject({ status: 'running', next_steps: [{ tool: 'get_run' }] });
    expect(same?.data['run_id']).toBe(runId);

    // A client that gives up a request gives up waiting, and not the run.
    const impatience = new AbortController();
    const waiting = client.sdk.callTool(
      { name: 'get_run', arguments: { run_id: runId, wait_s: 50 } },
      undefined,
      { signal: impatience.signal },
    );
    impatience.abort();
    await expect(waiting).rejects.toThrow();
    const history = await client.call('get_history');
    expect(history.data).toMatchObject({
      runs: [{ id: runId, state: 'running' }],
      next_steps: [{ tool: 'get_run', arguments: { run_id: runId } }],
    });

    for (const [tool, args] of [
      ['measure_baseline', { workload: 'ok' }],
      ['find_bottlenecks', { workload: 'forks-children' }],
    ] as const) {
      const busy = await client.request(tool, { ...args, ...quickly });
      expect(expectError(busy, 'busy').message).toContain(runId);
      expect(busy.data['next_steps']).toMatchObject([{ tool: 'get_run' }, { tool: 'cancel_run' }]);
    }

    // Another server, as of another client on this machine: the lock is the machine's.
    const elsewhere = await startClientOfV1({ cwd: copyTargets(home), env: home.env });
    await elsewhere.call('define_goals', { workloads: [workloadOf('ok')] });
    const locked = expectError(await elsewhere.call('measure_baseline', { effort: 'quick' }), 'busy');
    expect(locked.message).toContain(runId);
    await elsewhere.close();

    await waitUntil('the load runs', () =>
      /closed-loop|open-loop/.test(home.processes(client.pid).join('\n')),
    );
    const cancelled = await client.call('cancel_run', { run_id: runId });
    expect(cancelled.data).toMatchObject({ status: 'done', state: 'cancelled' });
    expect(home.processes(client.pid)).toEqual([]);
    const after = await client.call('get_run', { run_id: runId });
    expect(expectError(after, 'cancelled').message).toContain('was cancelled');
    const twice = await client.call('cancel_run', { run_id: runId });
    expect(twice).toMatchObject({ isError: false, data: { state: 'cancelled' } });

    const next = await client.request('measure_baseline', { workload: 'ok', ...quickly });
    expect(next.data).toMatchObject({ status: 'running' });
    expect(next.data['run_id']).not.toBe(runId);
    await client.call('cancel_run', { run_id: next.data['run_id'] });
  });
});
