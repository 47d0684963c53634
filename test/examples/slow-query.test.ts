import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { goalsSchema } from '../../src/core/model/goals.ts';
import { REPOSITORY } from '../support/built-package.ts';
import { startClientOfV1, type TestClient, type ToolAnswer } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyExample, readGoals } from '../support/test-project.ts';

const run = promisify(execFile);
const home = createTestHome();
const example = join(REPOSITORY, 'examples', 'slow-query');
const PATCHES = ['fix-index', 'fix-sql', 'noop'] as const;

const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const readPackage = (directory: string) =>
  packageSchema.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));

function applyPatch(project: string, patch: (typeof PATCHES)[number], ...options: readonly string[]): void {
  execFileSync('git', ['apply', ...options, join(example, `${patch}.patch`)], { cwd: project });
}

describe('examples/slow-query', () => {
  it('has goals that the schema takes, about workloads that exist', () => {
    const goals = goalsSchema.parse(JSON.parse(readFileSync(join(example, 'goals.json'), 'utf8')));
    expect(goals.workloads.map(({ name, kind }) => [name, kind])).toEqual([
      ['customer-orders', 'query'],
      ['monthly-revenue', 'query'],
    ]);
    const names = goals.workloads.map(({ name }) => name);
    expect(goals.objectives.map(({ workload }) => workload)).toEqual(names);
  });

  it('asks for the versions that this repository has installed', () => {
    expect(readPackage(REPOSITORY).dependencies).toMatchObject(readPackage(example).dependencies);
  });

  it.each(PATCHES)('passes its own tests with %s', async (patch) => {
    const project = copyExample(home, 'slow-query');
    applyPatch(project, patch);
    const { stdout } = await run('npm', ['test'], { cwd: project });
    expect(stdout).toMatch(/^# pass 9$/m);
    expect(stdout).toMatch(/^# fail 0$/m);
  });
});

describe('an agent with examples/slow-query', () => {
  let project: string;
  let client: TestClient;

  beforeAll(async () => {
    project = copyExample(home, 'slow-query');
    client = await startClientOfV1({ cwd: project, env: home.env });
    const saved = await client.call('define_goals', readGoals(project));
    expect(saved, saved.text).toMatchObject({ data: { saved: true, unapproved_commands: [] } });
  });
  afterAll(() => client.close());

  /** The arguments of the look into the plan that an answer proposes. */
  const inspectionIn = ({ data }: ToolAnswer) =>
    z
      .array(z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) }))
      .parse(data['next_steps'])
      .find((step) => step.tool === 'inspect_evidence' && step.arguments['view'] === 'plan')?.arguments ?? {};

  const lowMs = ({ data }: ToolAnswer) =>
    z.object({ wall_low_ms: z.object({ value: z.number(), n: z.number() }) }).parse(data['estimates'])
      .wall_low_ms;

  it.each([
    {
      workload: 'customer-orders',
      cause: 'no index for its condition: reads all of "orders"',
      // The migration: a setup command makes another database on each side.
      patch: 'fix-index',
      file: 'schema.sql',
    },
    {
      workload: 'monthly-revenue',
      cause: 'a condition on a function of a column, which no index on the column can serve',
      // The statement, in a file of the checkout.
      patch: 'fix-sql',
      file: 'queries/monthly-revenue.sql',
    },
  ] as const)(
    'measures $workload, finds its cause, and sees what $patch does to it',
    async ({ workload, cause, patch, file }) => {
      const baseline = await client.call('measure_baseline', { workload, effort: 'quick' });
      expect(baseline, baseline.text).toMatchObject({
        isError: false,
        data: {
          status: 'done',
          load: { kind: 'query', executions: expect.any(Number) as number },
          objectives: [{ metric: 'wall_low_ms', status: 'missed' }],
        },
      });
      expect(lowMs(baseline).n).toBe(6);

      const found = await client.call('find_bottlenecks', { workload, effort: 'quick' });
      expect(found, found.text).toMatchObject({
        isError: false,
        data: {
          bottlenecks: [
            {
              kind: 'slow-query-plan',
              title: expect.stringContaining(cause) as string,
              location: { file: `queries/${workload}.sql`, statement: expect.any(String) as string },
            },
          ],
        },
      });
      const shown = await client.call('inspect_evidence', inspectionIn(found));
      expect(shown.text).toMatch(/SCAN order/);

      applyPatch(project, patch);
      const change = await client.call('validate_change', { workload, effort: 'quick' });
      expect(change, change.text).toMatchObject({
        data: {
          status: 'done',
          verdict: 'improved',
          tests: { status: 'passed' },
          behaviour: { status: 'equal', masked: [] },
          changed_files: [{ path: file }],
        },
      });
      const [primary] = z
        .array(z.object({ metric: z.string(), role: z.string(), change: z.number(), candidate: z.number() }))
        .parse(change.data['comparisons'])
        .filter(({ role }) => role === 'primary');
      // Measured: 31 and 27 times as fast.
      expect(primary).toMatchObject({ metric: 'wall_low_ms' });
      expect(primary?.change).toBeLessThan(-0.75);
      applyPatch(project, patch, '-R');
      expect(home.processes(client.pid)).toEqual([]);
    },
    180_000,
  );
});
