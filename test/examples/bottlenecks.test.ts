import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableOf, walkExample, type CallTool, type Walk } from '../support/bottleneck-walk.ts';
import { startClientOfV1, type TestClient } from '../support/mcp.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { createTestHome } from '../support/test-home.ts';

/**
 * Many statements, and a plan. `npm run bench -- bottlenecks` walks all of them, and the fixed twins; here it would take too
 * long.
 */
const WALKED = ['blog', 'order-history'];

describe.skipIf(POSTGRES_MISSING !== undefined)(
  `planted bottlenecks are found (skipped where ${POSTGRES_MISSING ?? 'there is no PostgreSQL'})`,
  () => {
    const home = createTestHome();
    const walks: Walk[] = [];
    let postgres: TestPostgres;
    let client: TestClient;

    const call: CallTool = async (tool, args) => {
      const answer = await client.call(tool, args);
      if (answer.isError) throw new Error(`${tool}: ${answer.text}`);
      return answer.data;
    };
    const walk = async (name: string): Promise<Walk> => {
      const walked = await walkExample(call, { name, side: 'slow', into: home.newDirectory(name) });
      walks.push(walked);
      return walked;
    };

    beforeAll(async () => {
      postgres = await startPostgres();
      client = await startClientOfV1({
        cwd: home.newDirectory('server'),
        env: { ...home.env, DATABASE_URL: postgres.url() },
      });
    });
    afterAll(async () => {
      await client.close();
      await postgres.stop();
    });

    it.each(WALKED)(
      'the truth about %s is among the first three findings, at its place',
      async (name) => {
        const { rank } = await walk(name);
        expect(rank ?? Infinity, tableOf(walks)).toBeLessThanOrEqual(3);
        expect(home.processes(client.pid)).toEqual([]);
      },
      90_000,
    );

    it('most of them are the first finding', () => {
      const first = walks.filter(({ rank }) => rank === 1);
      expect(first.length, tableOf(walks)).toBeGreaterThanOrEqual(WALKED.length - 1);
    });

    it('leaves nothing of its own in the database', async () => {
      // Sessions of ours and of the services are gone; the one that asks is left.
      const sessions = await postgres.query(
        `select application_name, query from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      expect(sessions).toEqual([]);
    });
  },
);
