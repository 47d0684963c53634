import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  BOTTLENECKS,
  copySide,
  HEALTHY,
  linesOf,
  needsPostgres,
  PLANTED,
  readGoalsOf,
  readTruth,
  REPOSITORY,
} from '../support/bottleneck-examples.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { createTestHome } from '../support/test-home.ts';
import { measureHeap, measureTwin, requestsOf, type TwinCosts } from '../support/twin-costs.ts';

interface Costly {
  readonly what: string;
  /** What the slow side costs, and the fixed one; a count where there is one. */
  readonly of: (costs: TwinCosts) => number;
  /** How many times more; well below what was measured. */
  readonly atLeast: number;
  /** Default 2. */
  readonly rounds?: number;
}

const cpu = (atLeast: number, rounds: number): Costly => ({
  what: 'CPU',
  // A tick more, so that nothing is divided by none.
  of: ({ cpuTicks }) => cpuTicks + 1,
  atLeast,
  rounds,
});
const transactions = (atLeast: number): Costly => ({
  what: 'statements',
  of: ({ database }) => database?.transactions ?? Number.NaN,
  atLeast,
  rounds: 8,
});
const burst = (atLeast: number): Costly => ({
  what: 'time of many requests at once',
  of: ({ burstMs }) => burstMs,
  atLeast,
});
const partner = (name: string, atLeast: number): Costly => ({
  what: `${name} of the other service`,
  of: (costs) => costs.partner?.[name] ?? Number.NaN,
  atLeast,
  rounds: 5,
});

const COSTLY: Readonly<Record<string, Costly>> = {
  'account-api': cpu(2.5, 80),
  'article-list': {
    // Those that the start writes are among them, on both sides.
    what: 'blocks of long values',
    of: ({ database }) => database?.longValueBlocks ?? Number.NaN,
    atLeast: 2,
    rounds: 12,
  },
  'bank-statement': cpu(3, 40),
  basket: transactions(2),
  blog: transactions(3),
  catalogue: cpu(2.5, 60),
  'csv-import': cpu(2, 60),
  currency: partner('requests', 5),
  downloads: cpu(3, 15),
  'help-centre': cpu(1.3, 150),
  'help-desk': {
    what: 'sessions',
    of: ({ database }) => database?.sessions ?? Number.NaN,
    atLeast: 3,
    rounds: 8,
  },
  'order-history': {
    what: 'rows read',
    of: ({ database }) => database?.rowsRead ?? Number.NaN,
    atLeast: 10,
    rounds: 5,
  },
  'product-page': partner('requests', 3),
  quotes: partner('connections', 5),
  receipts: cpu(2, 100),
  'revenue-report': cpu(2, 60),
  shipping: burst(2),
  signup: cpu(2, 120),
  'team-board': transactions(3),
  'ticket-sales': burst(2),
};

/** At once, for the ones whose requests stand in each other's way. */
const BURST = 30;

const versions = z.record(z.string(), z.string());
const packageSchema = z.object({ dependencies: versions.optional(), devDependencies: versions.optional() });
const readPackage = (directory: string) =>
  packageSchema.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));

describe('examples/bottlenecks', () => {
  it('are at least 14, half of them invisible to a CPU profile, and at least four with PostgreSQL', () => {
    const invisible = PLANTED.filter((name) => !readTruth(name).visible_to_cpu_profile);
    expect(PLANTED.length).toBeGreaterThanOrEqual(14);
    expect(invisible.length / PLANTED.length).toBeGreaterThanOrEqual(0.5);
    expect(PLANTED.filter(needsPostgres).length).toBeGreaterThanOrEqual(4);
  });

  it.each([...PLANTED, HEALTHY])(
    '%s has goals, a README, a row in the list, and versions that are installed',
    (name) => {
      const goals = readGoalsOf(name);
      expect(goals.workloads.map(({ kind }) => kind)).toEqual(['http']);
      expect(goals.objectives.map(({ workload }) => workload)).toEqual([goals.workloads[0]?.name]);
      expect(existsSync(join(BOTTLENECKS, name, 'README.md'))).toBe(true);
      expect(readFileSync(join(BOTTLENECKS, 'README.md'), 'utf8')).toContain(`[${name}](${name}/README.md)`);
      const root = readPackage(REPOSITORY);
      const own = readPackage(join(BOTTLENECKS, name));
      expect({ ...root.devDependencies, ...root.dependencies }).toMatchObject(own.dependencies ?? {});
    },
  );

  it.each(PLANTED)('the truth about %s is about code that is there', (name) => {
    const { location, also_at = [] } = readTruth(name);
    for (const { file, functions = [] } of [location, ...also_at]) {
      expect(existsSync(join(BOTTLENECKS, name, file))).toBe(true);
      for (const wanted of functions) expect(linesOf(join(BOTTLENECKS, name, file), wanted)).toBeDefined();
    }
  });
});

describe('twins of examples/bottlenecks', () => {
  const home = createTestHome();
  let postgres: TestPostgres | undefined;

  beforeAll(async () => {
    if (POSTGRES_MISSING === undefined) postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  const run = async (name: string, side: 'slow' | 'fixed', rounds: number) =>
    measureTwin({
      name,
      project: await copySide(name, side, home.newDirectory(name)),
      postgres: needsPostgres(name) ? postgres : undefined,
      rounds,
      burst: BURST,
    });

  const isMissing = (name: string) => needsPostgres(name) && POSTGRES_MISSING !== undefined;

  it.for(PLANTED)(
    '%s and its fixed twin give equal answers, and the planted cause is what costs',
    async (name, context) => {
      context.skip(isMissing(name), POSTGRES_MISSING);
      const costly = COSTLY[name];
      const rounds = costly?.rounds ?? 2;
      const slow = await run(name, 'slow', rounds);
      const fixed = await run(name, 'fixed', rounds);
      expect(
        slow.answers.slice(0, requestsOf(name).length).map((answer) => Number(answer.slice(0, 3))),
      ).toEqual(requestsOf(name).map(({ status }) => status));
      expect(new Set(slow.answers).size).toBeGreaterThan(1);
      expect(fixed.answers).toEqual(slow.answers);
      expect([slow.ended, fixed.ended]).toEqual([
        [0, null],
        [0, null],
      ]);
      if (costly === undefined) return;
      const costs = { what: costly.what, slow: costly.of(slow), fixed: costly.of(fixed) };
      expect(costs.slow / costs.fixed, JSON.stringify(costs)).toBeGreaterThan(costly.atLeast);
    },
  );

  it('dashboard asks one after the other, and its fixed twin all at once', async () => {
    expect((await run('dashboard', 'slow', 1)).partner).toEqual({ requests: 9, most_at_once: 1 });
    expect((await run('dashboard', 'fixed', 1)).partner).toMatchObject({ requests: 9, most_at_once: 3 });
  });

  it('order-intake keeps what its fixed twin lets go', async () => {
    const script = `
      import { remember } from './src/idempotency.mjs';
      for (let n = 0; n < 20_000; n += 1) remember('key ' + n, 201, { customer: 'Kim', lines: Array(20).fill(n) });`;
    const [slow, fixed] = await Promise.all(
      (['slow', 'fixed'] as const).map(async (side) =>
        measureHeap(await copySide('order-intake', side, home.newDirectory('heap')), script),
      ),
    );
    // 10 MiB against 4, of which Node itself is nearly all.
    expect((slow ?? 0) / (fixed ?? Infinity)).toBeGreaterThan(1.5);
  });

  it.skipIf(isMissing(HEALTHY))('the healthy one answers as it should', async () => {
    const { answers, ended } = await run(HEALTHY, 'slow', 1);
    expect(answers.map((answer) => Number(answer.slice(0, 3)))).toEqual(Array(9).fill(200));
    expect(ended).toEqual([0, null]);
  });
});
