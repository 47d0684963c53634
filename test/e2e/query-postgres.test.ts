import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClientOfV1, type TestClient } from '../support/mcp.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { stateOf } from '../support/postgres-state.ts';
import { createTestHome } from '../support/test-home.ts';
import { expectError } from './expect-error.ts';
import { expectValid } from './walk-to-bottlenecks.ts';

const PASSWORD = 'not-for-anybody';

describe.skipIf(POSTGRES_MISSING !== undefined)(
  `a statement of PostgreSQL through the client${POSTGRES_MISSING === undefined ? '' : ` (skipped: ${POSTGRES_MISSING})`}`,
  () => {
    const home = createTestHome();
    let server: TestPostgres;
    let project: string;
    let client: TestClient;

    beforeAll(async () => {
      server = await startPostgres();
      await server.query(`
        CREATE TABLE visits (id int PRIMARY KEY, seen timestamptz NOT NULL);
        INSERT INTO visits SELECT n, timestamptz '2026-01-01' + n * interval '1 minute' FROM generate_series(1, 60000) n;
        CREATE INDEX visits_seen ON visits (seen);
        CREATE ROLE locked LOGIN PASSWORD '${PASSWORD}';
        GRANT SELECT ON visits TO locked;
        ANALYZE;`);
      project = home.newDirectory('visits');
      writeFileSync(join(project, '.gitignore'), '.env\n');
      writeFileSync(
        join(project, '.env'),
        `VISITS_URL=${server.url({ user: 'locked', password: PASSWORD })}\n`,
      );
      writeSql("select count(*) from visits where date_trunc('day', seen) = $1::timestamptz");
      client = await startClientOfV1({ cwd: project, env: home.env });
    });
    afterAll(async () => {
      await client.close();
      await server.stop();
    });

    const writeSql = (sql: string) => writeFileSync(join(project, 'visits.sql'), `${sql}\n`);
    const define = (change: Readonly<Record<string, unknown>> = {}) =>
      client.call('define_goals', {
        workloads: [
          {
            name: 'visits',
            kind: 'query',
            database: { engine: 'postgres', url_env: 'VISITS_URL' },
            file: 'visits.sql',
            params: [['2026-01-20'], ['2026-02-01']],
            analyze: true,
            ...change,
          },
        ],
      });

    it('is measured, and a better one is told by time, CPU and buffers; the password is nowhere', async () => {
      await define();
      const baseline = await client.call('measure_baseline', { effort: 'quick' });
      await expectValid(client, 'measure_baseline', baseline);
      expect(baseline, baseline.text).toMatchObject({
        isError: false,
        data: {
          status: 'done',
          load: { kind: 'query' },
          estimates: {
            result_rows: { value: 1 },
            planning_ms: { n: 6 },
            buffers_read: { n: 6 },
            cpu_ms: { n: 6 },
          },
          self_check: { metric: 'wall_ms' },
        },
      });

      const before = await stateOf(server);
      const found = await client.call('find_bottlenecks', { effort: 'quick' });
      await expectValid(client, 'find_bottlenecks', found);
      expect(found, found.text).toMatchObject({
        isError: false,
        data: {
          bottlenecks: [
            {
              kind: 'slow-query-plan',
              location: { file: 'visits.sql' },
              share: { of: 'time of the statement in the database', n: 2 },
              ceilings: [{ metric: 'wall_ms' }],
              confidence: { level: 'high' },
            },
          ],
        },
      });
      expect(found.text).toContain('function of a column');
      // Measured: 95 % of the statement is the scan.
      const [slow] = found.data['bottlenecks'] as readonly { readonly share: { readonly value: number } }[];
      expect(slow?.share.value).toBeGreaterThan(0.5);
      expect(await stateOf(server)).toEqual(before);

      writeSql(
        "select count(*) from visits where seen >= $1::timestamptz and seen < $1::timestamptz + interval '1 day'",
      );
      const change = await client.call('validate_change', { effort: 'quick' });
      expect(change, change.text).toMatchObject({ data: { status: 'done', verdict: 'improved' } });
      const comparisons = change.data['comparisons'] as readonly {
        readonly metric: string;
        readonly baseline: number;
        readonly candidate: number;
      }[];
      // Measured: 30 times less time and CPU, 20 times fewer buffers.
      for (const metric of ['wall_ms', 'cpu_ms', 'execution_ms', 'buffers_read']) {
        const found = comparisons.find((comparison) => comparison.metric === metric);
        expect((found?.baseline ?? 0) / (found?.candidate ?? Infinity), metric).toBeGreaterThan(3);
      }
      expect(comparisons.find(({ metric }) => metric === 'result_rows')).toMatchObject({
        baseline: 1,
        candidate: 1,
      });
      expect(JSON.stringify([baseline, found, change])).not.toContain(PASSWORD);
      expect(home.processes(client.pid)).toEqual([]);
    }, 120_000);

    it('says what is wrong with it, and the next statement is measured', async () => {
      writeSql('select count(*) from visits; drop table visits');
      const several = expectError(await client.call('measure_baseline', { effort: 'quick' }), 'sql_refused');
      expect(several.message).toContain('2 statements');
      writeSql('select count(*)\nfrom visits\nwhree id = $1');
      const syntax = await client.call('measure_baseline', { effort: 'quick' });
      expect(expectError(syntax, 'sql_invalid').message).toContain('line 3, column 7');
      await define({ database: { engine: 'postgres', url_env: 'NOT_SET_ANYWHERE' } });
      const unset = expectError(
        await client.call('measure_baseline', { effort: 'quick' }),
        'no_database_url',
      );
      expect(unset.message).toContain('NOT_SET_ANYWHERE');
      writeSql('select $1::date, pg_sleep(60)');
      await define({ timeout_s: 0.5 });
      expectError(await client.call('measure_baseline', { effort: 'quick' }), 'statement_timeout');
      expect(await server.query("SELECT to_regclass('visits')::text AS found")).toEqual([
        { found: 'visits' },
      ]);
    });

    it('tells of a database that is down', async () => {
      await define({ timeout_s: 30 });
      await server.kill();
      const answer = await client.call('measure_baseline', { effort: 'quick' });
      expect(expectError(answer, 'database_unreachable').message).toContain('Nothing listens');
      expect(answer.text).not.toContain(PASSWORD);
    });
  },
);
