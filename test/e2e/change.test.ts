import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClientOfV1, type TestClient, type ToolAnswer } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyTargets, workloadOf } from '../support/test-project.ts';
import { expectError } from './expect-error.ts';

const TEST = `import { readFileSync } from 'node:fs';
if (!readFileSync('ok.mjs', 'utf8').includes('burn(STEPS)')) { console.log('the work is gone'); process.exit(1); }`;

describe('one baseline, and what is judged by it', () => {
  const home = createTestHome();
  let project: string;
  let client: TestClient;
  let baseline: ToolAnswer;
  let original: string;

  const define = (change: Readonly<Record<string, unknown>>) =>
    client.call('define_goals', {
      workloads: [workloadOf('ok', change)],
      correctness: { test: ['node', 'check.mjs'] },
    });

  beforeAll(async () => {
    project = copyTargets(home);
    writeFileSync(join(project, 'check.mjs'), TEST);
    original = readFileSync(join(project, 'ok.mjs'), 'utf8');
    client = await startClientOfV1({ cwd: project, env: home.env });
    await define({});
    baseline = await client.call('measure_baseline', { effort: 'quick' });
    expect(baseline.isError, baseline.text).toBe(false);
  }, 120_000);
  afterAll(() => client.close());

  it('a working tree that is the code of the baseline is no change', async () => {
    const answer = await client.call('validate_change', { effort: 'quick' });
    const error = expectError(answer, 'invalid_arguments');
    expect(error.message).toContain(String(baseline.data['baseline_id']));
    expect(error.message).toMatch(/no change/);
  });

  it('a change that the tests reject is invalid, whatever it gains; nobody may keep it', async () => {
    writeFileSync(join(project, 'ok.mjs'), original.replace('burn(STEPS)', '42'));
    const answer = await client.call('validate_change', { effort: 'quick', hypothesis: 'no work, no wait' });
    expect(answer).toMatchObject({
      isError: false,
      data: {
        status: 'done',
        verdict: 'invalid',
        tests: {
          status: 'failed',
          exit_code: 1,
          output_tail: expect.stringContaining('the work is gone') as string,
        },
        changed_files: [{ path: 'ok.mjs', added: 1, removed: 1 }],
        next_steps: [{ tool: 'record_decision', arguments: { decision: 'revert' } }],
      },
    });
    expect(home.processes(client.pid)).toEqual([]);
    const decide = { experiment_id: answer.data['experiment_id'], rationale: 'it is so fast' };
    expectError(await client.call('record_decision', { ...decide, decision: 'keep' }), 'invalid_arguments');
    const reverted = await client.call('record_decision', { ...decide, decision: 'revert' });
    expect(readFileSync(join(project, String(reverted.data['file'])), 'utf8')).toContain('it is so fast');
    expectError(await client.call('record_decision', { ...decide, decision: 'revert' }), 'invalid_arguments');
  });

  it('tests that hang are ended with what they had started, and the experiment is kept', async () => {
    const hang = ['sh', '-c', 'setsid sleep 1000 & echo waiting; sleep 1000'];
    await client.call('define_goals', { correctness: { test: hang, timeout_s: 1 } });
    const answer = await client.call('validate_change', { effort: 'quick', hypothesis: 'tests that hang' });
    expect(answer.data, answer.text).toMatchObject({
      verdict: 'invalid',
      reason: 'the tests ran past their time limit',
      tests: { status: 'timed_out', output_tail: expect.stringContaining('waiting') as string },
    });
    expect(home.processes(client.pid)).toEqual([]);
    const history = await client.call('get_history', { section: 'experiments' });
    expect(history.data['experiments']).toContainEqual(
      expect.objectContaining({ id: answer.data['experiment_id'], hypothesis: 'tests that hang' }),
    );
    await define({});
  });

  it.each([{ bottleneck_id: 'bott_nope' }, { strategy_id: 'bott_nope--cache' }])(
    'an experiment does not come from %j, which is not there',
    async (origin) => {
      const answer = await client.call('validate_change', { effort: 'quick', ...origin });
      expect(expectError(answer, 'unknown_id').message).toContain('bott_nope');
    },
  );

  it('a baseline of another workload is not taken for this one', async () => {
    await client.call('define_goals', { workloads: [workloadOf('wrong-status')] });
    for (const tool of ['find_bottlenecks', 'add_budget']) {
      const error = expectError(
        await client.call(tool, { workload: 'wrong-status', baseline_id: baseline.data['baseline_id'] }),
        'invalid_arguments',
      );
      expect(error.message).toMatch(/measured workload "ok"/);
    }
    await client.call('define_goals', { remove: ['wrong-status'] });
  });

  it('a workload that was changed after the baseline cannot be compared with it', async () => {
    await define({ load: { connections: 5, rate_per_s: 100 } });
    const answer = await client.call('validate_change', { effort: 'quick' });
    expectError(answer, 'workload_changed');
    expect(answer.data['next_steps']).toMatchObject([{ tool: 'measure_baseline' }]);
    // Words for people are not part of what is measured.
    await define({ description: 'the same in other words' });
    writeFileSync(join(project, 'ok.mjs'), original);
    expectError(await client.call('validate_change', { effort: 'quick' }), 'invalid_arguments');
  });
});
