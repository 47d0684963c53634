import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copySide, startService } from '../support/bottleneck-examples.ts';
import { tableOf, walkExample, type CallTool, type Walk } from '../support/bottleneck-walk.ts';
import { startClientOfV1, type TestClient } from '../support/mcp.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { stateOf } from '../support/postgres-state.ts';
import { createTestHome } from '../support/test-home.ts';

/**
 * Many statements, and a plan. `npm run bench -- bottlenecks` walks all of them, and the fixed twins; here it would take too
 * long.
 */
const WALKED = ['blog', 'order-history'];

/** All of a project but what is ours. */
const filesOf = (project: string): readonly string[] =>
  readdirSync(project, { recursive: true, encoding: 'utf8' })
    .filter((file) => !/^(node_modules|\.deep-optimize)(\/|$)/.test(file))
    .sort();

describe.skipIf(POSTGRES_MISSING !== undefined)(
  `planted bottlenecks are found (skipped where ${POSTGRES_MISSING ?? 'there is no PostgreSQL'})`,
  () => {
    const home = createTestHome();
    const walks: Walk[] = [];
    const temporary = home.newDirectory('tmp');
    let postgres: TestPostgres;
    let client: TestClient;

    const call: CallTool = async (tool, args) => {
      const answer = await client.call(tool, args);
      if (answer.isError) throw new Error(`${tool}: ${answer.text}`);
      return answer.data;
    };
    const walk = async (name: string): Promise<Walk> => {
      const into = home.newDirectory(name);
      const before = await stateOfService(name);
      const walked = await walkExample(call, { name, side: 'slow', into });
      walks.push(walked);
      expect(home.processes(client.pid)).toEqual([]);
      // A session ends a little after its client.
      await expect.poll(() => stateOf(postgres), { timeout: 10_000 }).toEqual(before.database);
      expect(filesOf(join(into, `${name}-slow`))).toEqual(before.files);
      expect(readdirSync(temporary)).toEqual([]);
      return walked;
    };
    /** After a start and an end of the service by itself, which makes its tables. */
    const stateOfService = async (name: string) => {
      const project = await copySide(name, 'slow', home.newDirectory(`${name}-alone`));
      const files = filesOf(project);
      const service = await startService(name, project, { DATABASE_URL: postgres.url() });
      await service.stop();
      return { files, database: await stateOf(postgres) };
    };

    beforeAll(async () => {
      postgres = await startPostgres({ shared_preload_libraries: 'pg_stat_statements' });
      await postgres.query('CREATE EXTENSION pg_stat_statements');
      client = await startClientOfV1({
        cwd: home.newDirectory('server'),
        env: { ...home.env, DATABASE_URL: postgres.url(), TMPDIR: temporary },
      });
    });
    afterAll(async () => {
      await client.close();
      await postgres.stop();
    });

    it.each(WALKED)(
      'the truth about %s is among the first three findings, at its place, and nothing is left of the look',
      async (name) => {
        const { rank } = await walk(name);
        expect(rank ?? Infinity, tableOf(walks)).toBeLessThanOrEqual(3);
      },
      90_000,
    );

    it('most of them are the first finding', () => {
      const first = walks.filter(({ rank }) => rank === 1);
      expect(first.length, tableOf(walks)).toBeGreaterThanOrEqual(WALKED.length - 1);
    });
  },
);
