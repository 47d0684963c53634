import { expect, it } from 'vitest';
import { judge, rangeOf } from '../../bench/bench.ts';
import { replaceSection } from '../../bench/benchmarks-page.ts';
import { buildServers } from '../../bench/server-builds.ts';
import { timeFirstAnswer } from '../../bench/server-process.ts';

it('judges by the whole interval', () => {
  expect(judge([0.9, 1.2], 1.2)).toBe('pass');
  expect(judge([1.21, 1.4], 1.2)).toBe('fail');
  expect(judge([1.1, 1.3], 1.2)).toBe('open');
  expect(rangeOf([3, 1, 2.25], 1)).toBe('1.0 to 3.0');
});

it('replaces the figures of one bench and nothing else', () => {
  const page = 'words\n<!-- bench:a -->\nold\n<!-- /bench:a -->\n<!-- bench:b -->\nkept\n<!-- /bench:b -->\n';
  const changed = replaceSection(page, 'a', 'new');
  expect(changed).toBe(page.replace('\nold\n', '\n\nnew\n\n'));
  expect(replaceSection(changed, 'a', 'new')).toBe(changed);
  expect(() => replaceSection(page, 'c', 'new')).toThrow('no markers <!-- bench:c -->');
});

it('builds servers that answer, bundled or not', async () => {
  const builds = await buildServers();
  try {
    for (const file of [builds.bare, builds.bareUnbundled, builds.oursUnbundled]) {
      expect(await timeFirstAnswer(file)).toBeGreaterThan(0);
    }
  } finally {
    await builds.remove();
  }
});
