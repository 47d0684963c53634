import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases } from '../../src/adapters/query/databases.ts';
import { createProcesses } from '../../src/adapters/process/processes.ts';
import { EFFORTS } from '../../src/core/efforts.ts';
import type { Trace } from '../../src/core/trace/model.ts';
import { normalizeStatement } from '../../src/core/trace/normalize-statement.ts';
import { measurerOf } from '../../src/loop/kinds/index.ts';
import { lookAtDatabase } from '../../src/loop/passes/database.ts';
import type { PassContext } from '../../src/loop/passes/index.ts';
import { bundleChildren, type BundledChildren } from '../support/bundle-children.ts';
import { createFakeWorld, fakeProject, fakeRun, GOALS, WORKLOAD } from '../support/fake-ports.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../support/postgres.ts';

const SQL = 'select * from orders where email = $1';

/** One request that waited for one statement. */
function traceOf(sql: string): Trace {
  const { text, fingerprint } = normalizeStatement(sql, 'postgres');
  const common = { name: 'x', thread: 0, failed: false, trace: 't' };
  return {
    spans: [
      { ...common, id: 'r', kind: 'request', startUs: 0, endUs: 1000 },
      { ...common, id: 'q', parent: 'r', kind: 'query', startUs: 100, endUs: 900, statement: 0 },
    ],
    statements: [{ text, fingerprint, engine: 'postgres', original: sql, samples: [['user7@example.com']] }],
    sites: [],
    runs: [],
    collections: [],
    threads: [{ name: 'main', service: '1' }],
    dropped: 0,
    producer: 'tracer',
  };
}

describe.skipIf(POSTGRES_MISSING !== undefined)(
  `the database pass${POSTGRES_MISSING === undefined ? '' : ` (skipped: ${POSTGRES_MISSING})`}`,
  () => {
    const processes = createProcesses();
    let children: BundledChildren;
    let server: TestPostgres;

    beforeAll(async () => {
      [children, server] = await Promise.all([
        bundleChildren('src/adapters/query', ['child-database']),
        startPostgres(),
      ]);
      await server.query(`
        CREATE TABLE orders (id serial PRIMARY KEY, email text NOT NULL, total int NOT NULL);
        INSERT INTO orders (email, total)
          SELECT 'user' || n % 5000 || '@example.com', n FROM generate_series(1, 20000) AS n;
        ANALYZE;`);
    });
    afterAll(async () => {
      await processes.killAll();
      await server.stop();
      await children.remove();
    });

    async function contextWith(databaseUrl: string | undefined): Promise<PassContext> {
      const world = createFakeWorld();
      const project = await fakeProject(world);
      const databases = createDatabases({
        processes,
        childFile: children.file('child-database'),
        baseEnv: {
          PATH: process.env['PATH'] ?? '',
          ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
        },
        allowHosts: [],
      });
      const run = fakeRun();
      const load = { kind: 'http', connections: 1, rate_per_s: 1, rate_from: 'workload' } as const;
      return {
        ports: { ...world.ports, databases },
        project,
        run,
        goals: GOALS,
        workload: WORKLOAD,
        measurer: measurerOf(WORKLOAD),
        baseline: undefined,
        effort: 'quick',
        snapshot: await project.snapshots.take(),
        load,
        sample: {
          runId: run.id,
          directory: project.directory,
          projectDirectory: project.directory,
          plan: EFFORTS.quick,
          signal: run.signal,
          load,
          seed: 1,
        },
        draw: { flamegraph: () => '', difference: () => '', timeline: () => '' },
      };
    }

    it('tells plans and waits of the load, keeps them as evidence, and leaves no session', async () => {
      const context = await contextWith(server.url());
      const clients = [0, 1].map(() => new pg.Client({ connectionString: server.url() }));
      const [holder, waiter] = clients;
      const looked = await lookAtDatabase(context, async () => {
        await Promise.all(clients.map((client) => client.connect()));
        await holder?.query('BEGIN; UPDATE orders SET total = 0 WHERE id = 1');
        const waiting = waiter?.query('UPDATE orders SET total = $1 WHERE id = $2', [1, 1]);
        await new Promise((resolve) => setTimeout(resolve, 500));
        await holder?.query('ROLLBACK');
        await waiting;
        await Promise.all(clients.map((client) => client.end()));
        return { trace: traceOf(SQL) };
      });
      const { facts, warnings, evidence } = looked.database;
      expect(warnings).toEqual([]);
      expect(evidence).toMatchObject([{ kind: 'database' }]);
      expect(facts.database?.plans).toMatchObject([
        { mode: 'analyze', root: { type: 'Seq Scan', relation: 'orders' }, share: { value: 0.8 } },
      ]);
      expect(facts.database?.locks[0]).toMatchObject({ relation: 'orders' });
      expect(JSON.stringify(facts)).not.toContain('user7');
      const sessions = await server.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'deep-optimize'`,
      );
      expect(sessions).toEqual([]);
    });

    it('without a URL, or with one that leads nowhere, the trace is kept and the reason told', async () => {
      const trace = traceOf(SQL);
      const without = await lookAtDatabase(await contextWith(undefined), () => Promise.resolve({ trace }));
      expect(without.ran.trace).toBe(trace);
      expect(without.database.warnings?.map(({ code }) => code)).toEqual(['no_database_connection']);
      const nowhere = await lookAtDatabase(await contextWith('postgres://x:geheim@127.0.0.1:1/shop'), () =>
        Promise.resolve({ trace }),
      );
      expect(nowhere.database.warnings?.map(({ code }) => code)).toEqual(['database_not_seen']);
      expect(JSON.stringify(nowhere.database)).not.toContain('geheim');
    });
  },
);
