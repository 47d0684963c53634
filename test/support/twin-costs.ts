import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { BOTTLENECKS, readGoalsOf, startService } from './bottleneck-examples.ts';
import type { TestPostgres } from './postgres.ts';

const run = promisify(execFile);

/** What the same requests cost a service. Counts wherever there is something to count. */
export interface TwinCosts {
  /** "200 body", in order. */
  readonly answers: readonly string[];
  readonly ended: readonly [code: number | null, signal: string | null];
  /** CPU of all threads of the service, in clock ticks. */
  readonly cpuTicks: number;
  /** Wall time of many equal requests at once, in ms. */
  readonly burstMs: number;
  readonly database: DatabaseCounters | null;
  readonly partner: Readonly<Record<string, number>> | null;
}

interface DatabaseCounters {
  /** A statement outside of a transaction is one of its own. */
  readonly transactions: number;
  readonly sessions: number;
  /** Rows that scans of the service's tables looked at. */
  readonly rowsRead: number;
  /** Blocks of values that are stored apart because they are long. */
  readonly longValueBlocks: number;
}

export interface CostsOptions {
  readonly name: string;
  readonly project: string;
  readonly postgres: TestPostgres | undefined;
  /** How often all requests of the goals are sent, one after the other. */
  readonly rounds: number;
  /** How often the first request is sent at once, after that. */
  readonly burst: number;
}

/** Runs the service of a copy, sends the requests of its goals, and counts. */
export async function measureTwin(options: CostsOptions): Promise<TwinCosts> {
  const { name, project, postgres, rounds, burst } = options;
  const partner = await startPartner(project);
  try {
    const before = await countDatabase(postgres);
    const service = await startService(name, project, {
      ...(partner ? { PARTNER_URL: partner.url } : {}),
      ...(postgres ? { DATABASE_URL: postgres.url() } : {}),
    });
    let ended: TwinCosts['ended'] | undefined;
    try {
      const requests = requestsOf(name);
      const ask = async ({ path, init }: Request): Promise<string> => {
        const response = await fetch(service.url + path, init);
        return `${response.status} ${await response.text()}`;
      };
      const ticksBefore = readTicks(service.pid);
      const answers: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        for (const one of requests) answers.push(await ask(one));
      }
      const cpuTicks = readTicks(service.pid) - ticksBefore;
      const partnerStats = partner ? await partner.stats() : null;
      const started = performance.now();
      const [first] = requests;
      if (first) await Promise.all(Array.from({ length: burst }, () => ask(first)));
      const burstMs = performance.now() - started;
      // Only now have its sessions handed in what they counted.
      ended = await service.stop();
      const after = await countDatabase(postgres);
      return {
        answers,
        ended,
        cpuTicks,
        burstMs,
        database: before && after && differenceOf(before, after),
        partner: partnerStats,
      };
    } finally {
      if (ended === undefined) await service.stop();
    }
  } finally {
    partner?.stop();
  }
}

interface Request {
  readonly path: string;
  readonly init: RequestInit;
  readonly status: number;
}

/** Of the data: all requests are sent for each. */
const ROWS = 3;

/** The requests of the goals, in their order, filled in from the first rows of the data, with the status that they expect. */
export function requestsOf(name: string): readonly Request[] {
  const [workload] = readGoalsOf(name).workloads;
  if (workload?.kind !== 'http') return [];
  const rows = workload.data === undefined ? [{}] : readRows(join(BOTTLENECKS, name, workload.data.file));
  return rows.slice(0, ROWS).flatMap((row) =>
    (workload.requests ?? []).map(({ method = 'GET', path, headers, body, expect }) => ({
      path: path.replaceAll(/{{(\w+)}}/g, (_whole, column: string) => row[column] ?? ''),
      status: typeof expect?.status === 'number' ? expect.status : 200,
      init: {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    })),
  );
}

/** Of a file whose values have neither commas nor quotes. */
function readRows(file: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const columns = head.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((value, index) => [columns[index] ?? '', value])),
  );
}

/** User and system time of a process, in clock ticks; fields 14 and 15 of proc(5), behind a name that may hold spaces. */
function readTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function startPartner(project: string) {
  const program = join(project, 'partner', 'server.mjs');
  if (!existsSync(program)) return undefined;
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const url = line.trim();
  return {
    url,
    stats: async () => z.record(z.string(), z.number()).parse(JSON.parse(await readText(`${url}/stats`))),
    stop: () => void child.stdin.end(),
  };
}

/** Of a partner, whose certificate nobody has signed. */
async function readText(url: string): Promise<string> {
  if (!url.startsWith('https:')) return (await fetch(url)).text();
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false, agent: false }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

const countersSchema = z.object({
  transactions: z.coerce.number(),
  sessions: z.coerce.number(),
  rowsRead: z.coerce.number(),
  longValueBlocks: z.coerce.number(),
});

/**
 * The counters of the database, when nobody but us is connected. Tables that a start drops take their counts along, so a
 * difference is that of the tables of the last start.
 */
async function countDatabase(postgres: TestPostgres | undefined): Promise<DatabaseCounters | null> {
  if (postgres === undefined) return null;
  const limit = performance.now() + 10_000;
  for (;;) {
    const [others] = await postgres.query(
      `select count(*)::int as sessions from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    if (others?.['sessions'] === 0 || performance.now() > limit) break;
  }
  const [counters] = await postgres.query(
    `select xact_commit as transactions, sessions,
       (select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_user_tables) as "rowsRead",
       (select coalesce(sum(toast_blks_read + toast_blks_hit), 0) from pg_statio_user_tables) as "longValueBlocks"
     from pg_stat_database where datname = 'shop'`,
  );
  return countersSchema.parse(counters);
}

function differenceOf(before: DatabaseCounters, after: DatabaseCounters): DatabaseCounters {
  return {
    transactions: after.transactions - before.transactions,
    sessions: after.sessions - before.sessions,
    rowsRead: after.rowsRead,
    longValueBlocks: after.longValueBlocks,
  };
}

/** Heap after a collection when a module's function was called `calls` times, in bytes. In a process of its own. */
export async function measureHeap(project: string, script: string): Promise<number> {
  const { stdout } = await run(
    process.execPath,
    [
      '--expose-gc',
      '--input-type=module',
      '-e',
      `${script}\nglobalThis.gc();\nconsole.log(process.memoryUsage().heapUsed);`,
    ],
    { cwd: project },
  );
  return Number(stdout);
}
