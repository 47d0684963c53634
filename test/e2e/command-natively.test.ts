import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startClientOfV1, type TestClient } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { expectValid } from './walk-to-bottlenecks.ts';

const perf = spawnSync('perf', ['record', '-q', '-e', 'cpu-clock', '-o', '/dev/null', 'true']);
const obstacle =
  perf.error !== undefined ? 'perf is not installed' : perf.status === 0 ? undefined : 'perf is refused';

const PROGRAM = `
export function addSines(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.sin(i);
  return sum;
}
export function readTable(text) {
  return text.split('\\n').map((line) => line.split(','));
}
const table = Array.from({ length: 2000 }, (_, i) => i + ',a,b').join('\\n');
let total = 0;
for (let i = 0; i < 10; i++) total += addSines(400000) + readTable(table).length;
console.log(total > 0);
`;

const foundSchema = z.object({
  bottlenecks: z.array(
    z.object({
      kind: z.string(),
      location: z.object({ function: z.string(), file: z.string(), line: z.number() }),
      ceilings: z.array(z.object({ metric: z.string() })),
    }),
  ),
  evidence_ids: z.array(z.string()),
});

describe.skipIf(obstacle !== undefined)(
  `a command of Node.js, looked at thoroughly${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    const home = createTestHome();
    const temporary = home.newDirectory('tmp');
    const maps = () => readdirSync('/tmp').filter((name) => /^perf-\d+\.map$/.test(name));
    let client: TestClient;
    let project: string;

    beforeAll(async () => {
      project = home.newDirectory('sums');
      writeFileSync(join(project, 'sums.mjs'), PROGRAM);
      client = await startClientOfV1({ cwd: project, env: { ...home.env, TMPDIR: temporary } });
    });
    afterAll(() => client.close());

    it('has profiles of V8 and of perf, its hot function first, and nothing is left', async () => {
      const before = maps();
      await client.call('define_goals', {
        workloads: [{ name: 'sums', kind: 'command', command: ['node', 'sums.mjs'] }],
      });
      const found = await client.call('find_bottlenecks', { effort: 'thorough' });
      await expectValid(client, 'find_bottlenecks', found);
      expect(found.isError, found.text).toBe(false);
      const { bottlenecks, evidence_ids } = foundSchema.parse(found.data);
      expect(bottlenecks[0]?.location, found.text).toEqual({
        function: 'addSines',
        file: 'sums.mjs',
        line: 2,
      });
      expect(bottlenecks[0]?.ceilings.map(({ metric }) => metric)).toContain('cpu_ms');

      const shown = [];
      for (const evidence_id of evidence_ids)
        shown.push(
          await client.call('inspect_evidence', { evidence_id, view: 'callees', function: 'addSines' }),
        );
      expect(shown.map(({ text }) => text.split(':')[0])).toEqual([
        'CPU profile, inlining off',
        'CPU profile',
        'CPU profile from outside, by perf',
      ]);
      // What only machine code has a name for.
      expect(shown.at(-1)?.text).toMatch(/sin/i);
      expect(home.processes(client.pid)).toEqual([]);
      expect(readdirSync(temporary)).toEqual([]);
      expect(readdirSync(project).sort()).toEqual(['.deep-optimize', 'sums.mjs']);
      // Another test may sample just now.
      await expect
        .poll(() => maps().filter((name) => !before.includes(name)), { timeout: 20_000 })
        .toEqual([]);
    }, 120_000);
  },
);
