import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  chownSync,
  constants,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

export interface TestPostgres {
  /** Of a superuser that is let in without a password; `database` and `user` change that part. */
  url(change?: { readonly user?: string; readonly password?: string; readonly database?: string }): string;
  readonly port: number;
  readonly pid: number;
  /** Any statements, as the superuser, in the database `shop`. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  /** Ends it and removes everything of it. */
  stop(): Promise<void>;
}

/** The directory of `postgres` and `initdb`: of PATH, else the newest that Debian has installed. */
export function findPostgres(
  path = process.env['PATH'] ?? '',
  debian = '/usr/lib/postgresql',
): string | undefined {
  const versions = listDirectory(debian)
    .filter((version) => /^\d+$/.test(version))
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debian, version, 'bin'));
  return [...path.split(delimiter).filter(Boolean), ...versions].find((directory) =>
    ['postgres', 'initdb'].every((program) => canExecute(join(directory, program))),
  );
}

/** Why tests with PostgreSQL cannot run here; undefined when they can. */
export const POSTGRES_MISSING =
  findPostgres() === undefined ? 'PostgreSQL is not installed (apt-get install postgresql)' : undefined;

/** PostgreSQL refuses root. */
function findOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return { uid: 65534, gid: 65534 };
  }
}

/**
 * A cluster of its own, on loopback only, that nobody else uses. User `locked` needs a password; every other one gets in
 * without. `stop` has to be called.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<TestPostgres> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error(POSTGRES_MISSING);
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'deep-optimize-postgres-')));
  const owner = findOwner();
  const data = join(directory, 'data');
  try {
    if (owner) chownSync(directory, owner.uid, owner.gid);
    await promisify(execFile)(
      join(programs, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...owner, cwd: directory },
    );
    writeFileSync(
      join(data, 'pg_hba.conf'),
      'host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n',
    );
    return await serve({ programs, directory, data, owner, settings });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

interface Cluster {
  readonly programs: string;
  readonly directory: string;
  readonly data: string;
  readonly owner: ReturnType<typeof findOwner>;
  /** Beside those that every cluster here has. */
  readonly settings: Readonly<Record<string, string>>;
}

async function serve({ programs, directory, data, owner, settings: more }: Cluster): Promise<TestPostgres> {
  const port = await findFreePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 20,
    shared_buffers: '32MB',
    ...more,
  };
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...owner, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exited = once(server, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) server.kill(signal);
    await exited;
  };
  // A test run that ends without `stop` must not leave a server behind.
  const onExit = (): void => void server.kill('SIGQUIT');
  process.once('exit', onExit);

  const url: TestPostgres['url'] = ({ user = 'postgres', password, database = 'shop' } = {}) =>
    `postgres://${user}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@127.0.0.1:${port}/${database}`;
  const stop = async (): Promise<void> => {
    // Immediate: nothing in it is worth a checkpoint.
    await end('SIGQUIT');
    process.off('exit', onExit);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  try {
    await waitUntilReady(url({ database: 'postgres' }), server, () => said);
    await run(url({ database: 'postgres' }), 'CREATE DATABASE shop');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    port,
    pid: server.pid ?? 0,
    query: (sql) => run(url(), sql),
    kill: () => end('SIGQUIT'),
    stop,
  };
}

async function run(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Readonly<Record<string, unknown>>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function waitUntilReady(url: string, server: ChildProcess, said: () => string): Promise<void> {
  const limit = performance.now() + 30_000;
  for (;;) {
    try {
      await run(url, 'SELECT 1');
      return;
    } catch (error) {
      if (server.exitCode !== null || performance.now() > limit) {
        throw new Error(`PostgreSQL did not start: ${said()}`, { cause: error });
      }
      await sleep(50);
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function canExecute(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
