import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findReviewFlags } from '../../src/core/integrity/review-flags.ts';
import { goalsSchema } from '../../src/core/model/goals.ts';
import { REPOSITORY } from '../support/built-package.ts';
import { readExpectedChanges } from '../support/planted-changes.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyExample } from '../support/test-project.ts';

const run = promisify(execFile);
const home = createTestHome();
const example = join(REPOSITORY, 'examples', 'planted-changes');
const expected = await readExpectedChanges(example);
const patchOf = (change: string) => join(example, 'changes', `${change}.patch`);

/** What the measured function answers, as the workload asks it. */
const ANSWERS = `
  import { parcels } from './bench/parcels.mjs';
  import { quoteAll } from './src/quotes.mjs';
  console.log(JSON.stringify([5, 30].map((size) => parcels(size).map(([list]) => quoteAll(list)))));
`;

async function answersWith(change?: string): Promise<{ readonly answers: string; readonly tests: string }> {
  const project = copyExample(home, 'planted-changes');
  if (change !== undefined) await run('git', ['apply', patchOf(change)], { cwd: project });
  const node = async (...args: readonly string[]) =>
    (await run(process.execPath, args, { cwd: project })).stdout;
  return {
    tests: await node('--test', 'test/quotes.test.mjs'),
    answers: await node('--input-type=module', '--eval', ANSWERS),
  };
}

const unchanged = await answersWith();

describe('examples/planted-changes', () => {
  it('has goals that the schema takes, and changes about workloads that exist', () => {
    const goals = goalsSchema.parse(JSON.parse(readFileSync(join(example, 'goals.json'), 'utf8')));
    const names = goals.workloads.map(({ name }) => name);
    expect(names).toEqual(['quote-list', 'quote']);
    expect(names).toEqual(expect.arrayContaining(expected.map(({ workload }) => workload)));
  });

  it('expects something of every patch', () => {
    const patches = readdirSync(join(example, 'changes')).filter((file) => file.endsWith('.patch'));
    expect(expected.map(({ change }) => `${change}.patch`).sort()).toEqual(patches.sort());
  });

  it.each(expected)('$change: passes its tests, and answers the same unless it is invalid', async (one) => {
    const { answers, tests } = await answersWith(one.change);
    expect(tests).toMatch(/^# pass 3$/m);
    expect(tests).toMatch(/^# fail 0$/m);
    expect(answers === unchanged.answers).toBe(one.verdict !== 'invalid');
  });

  it.each(expected)('$change: has the flags that it deserves', ({ change, flags = [] }) => {
    const patch = readFileSync(patchOf(change), 'utf8');
    const files = [...patch.matchAll(/^\+\+\+ b\/(\S+)/gm)].map(([, file]) => file ?? '');
    const found = findReviewFlags({ patch, files, inputs: ['bench/parcels.mjs'], literals: [] });
    expect(found).toEqual(
      expect.arrayContaining(flags.map((flag) => expect.objectContaining(flag) as unknown)),
    );
    if (change === 'no-op') expect(found).toEqual([]);
  });
});
