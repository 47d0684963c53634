import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv-provider.js';
import { expect } from 'vitest';
import type { Arguments, TestClient, ToolAnswer } from '../support/mcp.ts';
import { readGoals } from '../support/test-project.ts';

export interface Walk {
  readonly baseline: ToolAnswer;
  readonly bottlenecks: ToolAnswer;
  /** All progress values of each call that was given a token, in the order of their arrival. */
  readonly progress: readonly (readonly number[])[];
}

/** Goals, baseline, bottlenecks on a copy of an example, every answer checked against its published schema. */
export async function walkToBottlenecks(client: TestClient, project: string, args: Arguments): Promise<Walk> {
  const progress: number[][] = [];
  const step = async (name: string, given: Arguments): Promise<ToolAnswer> => {
    let answer = await observe(client, name, given, progress);
    while (answer.data['status'] === 'running') {
      expect(answer.data['run_id']).toEqual(expect.stringMatching(/^run_/));
      answer = await observe(client, 'get_run', { run_id: answer.data['run_id'] }, progress);
    }
    expect(answer.text).not.toBe('');
    expect(answer.isError, answer.text).toBe(false);
    return answer;
  };
  const draft = await step('define_goals', {});
  expect(draft.data).toMatchObject({ status: 'done', saved: false });
  const saved = await step('define_goals', readGoals(project));
  expect(saved.data).toMatchObject({ saved: true, unapproved_commands: [] });
  const baseline = await step('measure_baseline', { effort: 'quick', ...args });
  const bottlenecks = await step('find_bottlenecks', {
    effort: 'quick',
    baseline_id: baseline.data['baseline_id'],
    ...args,
  });
  return { baseline, bottlenecks, progress };
}

async function observe(
  client: TestClient,
  name: string,
  args: Arguments,
  progress: number[][],
): Promise<ToolAnswer> {
  const seen: number[] = [];
  progress.push(seen);
  const answer = await client.request(name, args, (report) => seen.push(report.progress));
  await expectValid(client, name, answer);
  return answer;
}

/** By a validator of its own: that a client checks by itself is not something to rely on. */
export async function expectValid(client: TestClient, tool: string, answer: ToolAnswer): Promise<void> {
  const validate = new AjvJsonSchemaValidator().getValidator(await client.outputSchema(tool));
  const { valid, errorMessage } = validate(answer.data);
  expect(valid, `${tool}: ${errorMessage ?? ''}`).toBe(true);
}

/** What examples/slow-api was written to show. */
export function expectPlantedBottleneck({ data }: ToolAnswer): void {
  const [first] = data['bottlenecks'] as readonly { readonly location: object; readonly share: object }[];
  expect(first).toMatchObject({
    location: { function: 'significantWords', file: 'src/similarity.js', line: expect.any(Number) as number },
  });
}

export function expectIncreasing(progress: Walk['progress']): void {
  expect(progress.flat().length).toBeGreaterThan(2);
  for (const values of progress) {
    for (const [index, value] of values.entries()) {
      expect(value).toBeGreaterThan(values[index - 1] ?? -1);
      expect(value).toBeLessThanOrEqual(100);
    }
  }
}
