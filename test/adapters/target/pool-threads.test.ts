import { expect, test } from 'vitest';
import { countPoolThreads } from '../../../src/adapters/target/probe/trace/pool-threads.ts';

test.each([
  [undefined, 4],
  ['16', 16],
  ['8 of them', 8],
  ['many', 1],
  ['', 1],
  ['0', 1],
  ['-3', 1024],
  ['4096', 1024],
])('UV_THREADPOOL_SIZE=%s is a pool of %i threads', (value, threads) => {
  expect(countPoolThreads({ UV_THREADPOOL_SIZE: value })).toBe(threads);
});
