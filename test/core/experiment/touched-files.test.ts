import { expect, it } from 'vitest';
import { findJudgingFiles } from '../../../src/core/experiment/touched-files.ts';

it.each([
  'test/a.js',
  'packages/x/tests/deep/b.ts',
  'src/__tests__/c.tsx',
  'spec/models/user.rb',
  'src/posts.test.ts',
  'src/posts.spec.mjs',
  'bench/args.ts',
  'benchmarks/run.js',
  'src/bench.js',
  '.deep-optimize/goals.json',
  'package.json',
  'packages/x/package.json',
  'vitest.config.ts',
  'jest.config.cjs',
  '.mocharc.yml',
])('%s decides what is measured or whether it is right', (path) => {
  expect(findJudgingFiles(['src/a.js', path])).toEqual([path]);
});

it.each([
  'src/latest/index.js',
  'src/contest/a.js',
  'src/attest.ts',
  'src/benchpress/lift.ts',
  'src/inspector.ts',
  'docs/.deep-optimize-notes.md',
  'src/testimony.js',
  'package-lock.json',
  'src/config.ts',
])('%s does not', (path) => {
  expect(findJudgingFiles([path])).toEqual([]);
});

it('takes the data of a workload for one of them', () => {
  expect(findJudgingFiles(['src/a.js', 'data/users.csv'], ['data/users.csv'])).toEqual(['data/users.csv']);
});
