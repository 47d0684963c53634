import { expect, test } from 'vitest';
import { parseCpuList } from '../../src/core/cpu-list.ts';

test.each([
  ['0', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['0-1,4,6-7\n', [0, 1, 4, 6, 7]],
  ['3,1-3', [1, 2, 3]],
  ['', []],
])('the kernel list %j is %j', (text, cpus) => {
  expect(parseCpuList(text)).toEqual(cpus);
});
