import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEALTHY, needsPostgres, PLANTED, type Side } from '../test/support/bottleneck-examples.ts';
import { tableOf, walkExample, type Walk } from '../test/support/bottleneck-walk.ts';
import { POSTGRES_MISSING, startPostgres } from '../test/support/postgres.ts';
import type { Bench, Figure } from './bench.ts';
import { connect, type Connection } from './example-project.ts';

const AMONG = 3;
/** Of the examples, in how many the truth has to be the very first finding: 12 of the 14 that were asked for. */
const FIRST_SHARE = 12 / 14;
/** Walked at `standard` as well, for its time: a service with a database, and one without. */
const TIMED = ['order-history', 'thumbnails'];
const MOST_S = 60;

export const bottlenecks: Bench = {
  name: 'bottlenecks',
  title: 'Planted bottlenecks that are found',
  method: `\`find_bottlenecks\` at effort \`quick\` on each service of examples/bottlenecks through an MCP client over stdio, as it stands and fixed, with a PostgreSQL of its own. A finding counts when it is of the kind, and at the place, that the service's truth.json says. Set BOTTLENECKS=name,name to walk some of them, BOTTLENECK_SIDES=slow to leave the fixed twins out; the page then has those alone.`,
  run: async () => {
    const home = await mkdtemp(join(tmpdir(), 'deep-optimize-bench-'));
    const postgres = POSTGRES_MISSING === undefined ? await startPostgres() : undefined;
    if (postgres) process.env['DATABASE_URL'] = postgres.url();
    try {
      const connection = await connect(home, join(home, 'state'));
      try {
        return await walkAll(connection, home, postgres !== undefined);
      } finally {
        await connection.close();
      }
    } finally {
      await postgres?.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

async function walkAll(
  connection: Connection,
  into: string,
  hasPostgres: boolean,
): Promise<readonly Figure[]> {
  const wanted = process.env['BOTTLENECKS']?.split(',');
  const names = [...PLANTED, HEALTHY].filter(
    (name) => (wanted?.includes(name) ?? true) && (hasPostgres || !needsPostgres(name)),
  );
  const sides: readonly Side[] = process.env['BOTTLENECK_SIDES'] === 'slow' ? ['slow'] : ['slow', 'fixed'];
  const walks: Walk[] = [];
  for (const name of names) {
    for (const side of (name === HEALTHY ? ['slow'] : sides) satisfies readonly Side[]) {
      try {
        walks.push(await walkExample((tool, args) => connection.call(tool, args), { name, side, into }));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        walks.push({ name, side, rank: null, top: [message], highConfidence: Infinity, seconds: 0 });
      }
      console.error(tableOf(walks.slice(-1)));
    }
  }
  const timed: Walk[] = [];
  for (const name of TIMED.filter((one) => names.includes(one)))
    timed.push(await walkStandard(connection, name, join(into, 'standard')));
  return [...figuresOf(walks), ...(timed.length === 0 ? [] : [timeFigure('standard', timed)])];
}

async function walkStandard(connection: Connection, name: string, into: string): Promise<Walk> {
  const walk = await walkExample((tool, args) => connection.call(tool, args), {
    name,
    side: 'slow',
    into,
    effort: 'standard',
  });
  console.error(tableOf([walk]));
  return walk;
}

function timeFigure(effort: string, walks: readonly Walk[]): Figure {
  const slowest = Math.max(...walks.map(({ seconds }) => seconds));
  return {
    what: `slowest answer at ${effort}, all passes`,
    value: `${slowest.toFixed(0)} s`,
    spread: 'goals and findings',
    n: walks.length,
    target: `under ${MOST_S} s`,
    outcome: slowest < MOST_S ? 'pass' : 'fail',
  };
}

function figuresOf(walks: readonly Walk[]): readonly Figure[] {
  const slow = walks.filter(({ side, name }) => side === 'slow' && name !== HEALTHY);
  const fixed = walks.filter(({ side }) => side === 'fixed');
  const healthy = walks.filter(({ name }) => name === HEALTHY);
  const among = slow.filter(({ rank }) => rank !== null && rank <= AMONG);
  const first = slow.filter(({ rank }) => rank === 1);
  const shown = fixed.filter(({ rank, seconds }) => rank !== null || seconds === 0);
  const needed = Math.ceil(slow.length * FIRST_SHARE);
  const high = healthy.reduce((sum, { highConfidence }) => sum + highConfidence, 0);
  return [
    count(
      'truth among the first three',
      among.length,
      slow,
      `all ${slow.length}`,
      among.length === slow.length,
    ),
    count('truth is the first', first.length, slow, `at least ${needed}`, first.length >= needed),
    count('fixed twins that still show it', shown.length, fixed, '0', shown.length === 0),
    count('findings of high confidence, healthy service', high, healthy, '0', high === 0),
    timeFigure('quick', walks),
    ...slow.map(({ name, rank, top, seconds }): Figure => ({
      what: name,
      value: rank === null ? 'not found' : `rank ${rank}`,
      spread: top[0] ?? 'no finding',
      n: 1,
      target: `${seconds.toFixed(0)} s`,
    })),
  ];
}

function count(what: string, value: number, of: readonly Walk[], target: string, holds: boolean): Figure {
  return {
    what,
    value: `${value}`,
    spread: `of ${of.length}`,
    n: of.length,
    target,
    outcome: holds ? 'pass' : 'fail',
  };
}
