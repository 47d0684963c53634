import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { createPortableTree } from '../../../src/adapters/process/portable-tree.ts';
import { isRunning } from '../liveness.ts';
import { waitUntil } from '../wait-until.ts';

// The way of macOS, which works on Linux too.
test.runIf(process.platform === 'linux')('a process group is measured and killed without /proc', async () => {
  const script = `require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' });
  const tree = createPortableTree(child.pid ?? 0);
  let pids: readonly number[] = [];
  for (let look = 0; look < 100 && pids.length < 2; look++) pids = (await tree.usage()).pids;
  expect(pids.length).toBe(2);
  const usage = await tree.usage();
  expect(usage.cpuUs).toBeGreaterThan(0);
  expect(usage.rssBytes).toBeGreaterThan(20 * 2 ** 20);
  const descendants = await tree.descendants();
  expect(descendants.pids).toEqual(pids.filter((pid) => pid !== child.pid));
  expect(descendants.rssBytes).toBeLessThan(usage.rssBytes);
  expect(tree.isEmpty()).toBe(false);
  await tree.kill(50);
  await waitUntil('both are gone', () => !pids.some(isRunning));
});
