import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StatementToExplain } from '../../src/core/ports/databases.ts';
import type { Goals } from '../../src/core/model/goals.ts';
import type { QueryWorkload } from '../../src/core/model/workloads/query.ts';
import { EnvironmentError } from '../../src/core/errors.ts';
import { findBottlenecks } from '../../src/loop/bottlenecks.ts';
import { inspectEvidence } from '../../src/loop/inspect.ts';
import { createFakeWorld, fakeProject, fakeRun, type FakeWorld } from '../support/fake-ports.ts';

const plan = (name: string): unknown => {
  const file = new URL(`../fixtures/postgres-plans/15/${name}.json`, import.meta.url);
  return z.object({ plan: z.unknown() }).parse(JSON.parse(readFileSync(file, 'utf8'))).plan;
};

const SQL = 'select id from orders where customer_id = $1';
const WORKLOAD: QueryWorkload = {
  name: 'orders',
  kind: 'query',
  database: { engine: 'postgres', url_env: 'DATABASE_URL' },
  file: 'orders.sql',
  params: [[1], [2], [3], [4], [5], [6]],
};

async function look(world: FakeWorld, workload: QueryWorkload = WORKLOAD) {
  const goals: Goals = {
    workloads: [workload],
    objectives: [{ workload: 'orders', metric: 'wall_ms', max: 1 }],
    constraints: [],
  };
  const project = await fakeProject(world, { goals });
  writeFileSync(join(project.directory, 'orders.sql'), SQL);
  const draw = { flamegraph: () => '<svg/>', difference: () => '', timeline: () => '' };
  const found = await findBottlenecks(
    world.ports,
    project,
    { goals, workload, baseline: undefined, effort: 'quick', draw },
    fakeRun(),
  );
  return { project, found };
}

describe('a statement by itself', () => {
  it('is planned with its parameter sets; the gravest part of its plan is the finding', async () => {
    const world = createFakeWorld();
    const asked: StatementToExplain[] = [];
    world.settings.explain = ({ database, directory }, statements) => {
      expect(database).toEqual({ engine: 'postgres', urlEnv: 'DATABASE_URL' });
      expect(directory).not.toBe('');
      asked.push(...statements);
      const names = ['indexed', 'missing-index', 'missing-index', 'missing-index', 'missing-index'];
      return Promise.resolve({
        explained: statements.map(({ fingerprint }, index) => ({
          fingerprint,
          mode: 'analyze',
          plan: plan(names[index] ?? 'indexed'),
          tableRows: { orders: 60_000 },
        })),
        skipped: [],
      });
    };
    const { project, found } = await look(world);
    expect(asked.map(({ sql, params }) => [sql, params])).toEqual([1, 2, 3, 4, 5].map((id) => [SQL, [id]]));
    expect(found.bottlenecks).toMatchObject([
      {
        kind: 'slow-query-plan',
        location: { file: 'orders.sql', statement: 'select id from orders where customer_id = ?' },
        share: { of: 'time of the statement in the database', n: 5 },
        confidence: { level: 'high' },
        ceilings: [{ metric: 'wall_ms' }],
      },
    ]);
    const [first] = found.bottlenecks;
    expect(first?.signals).toContain('missing-index:orders(customer_id)');
    expect(first?.share.value).toBeGreaterThan(0.9);
    // One parameter set is found by an index.
    expect(first?.share.interval[0]).toBe(0);

    const shown = await inspectEvidence(project, {
      bottleneck_id: first?.id,
      view: 'plan',
      filter: first?.location.fingerprint,
      limit: 5,
      offset: 0,
    });
    expect(JSON.stringify(shown.rows)).toContain('Seq Scan');
  });

  it('of SQLite has a way and no times: no ceiling is computed of it', async () => {
    const world = createFakeWorld();
    world.settings.explain = (_access, statements) =>
      Promise.resolve({
        explained: statements.map(({ fingerprint }) => ({
          fingerprint,
          mode: 'estimate',
          plan: [{ id: 3, parent: 0, notused: 0, detail: 'SCAN orders' }],
          tableRows: { orders: 40_000 },
        })),
        skipped: [],
      });
    const { found } = await look(world, {
      ...WORKLOAD,
      database: { engine: 'sqlite', file: 'shop.db' },
      file: undefined,
      sql: 'select * from orders where customer_id = ?',
    });
    expect(found.bottlenecks).toMatchObject([
      { share: { value: 1, interval: [0, 1] }, ceilings: [], confidence: { level: 'medium' } },
    ]);
    expect(found.input.database?.plans).toHaveLength(1);
  });

  it('whose plan cannot be had is no failure: the reason is told', async () => {
    const world = createFakeWorld();
    world.settings.explain = () =>
      Promise.reject(
        new EnvironmentError('database_unreachable', 'It does not answer.', { fix: 'Start it.' }),
      );
    const { found } = await look(world);
    expect(found.bottlenecks).toEqual([]);
    expect(found.warnings).toContainEqual({
      code: 'database_not_seen',
      message: 'The database was not looked at: It does not answer.',
      fix: 'Start it.',
    });
  });
});
