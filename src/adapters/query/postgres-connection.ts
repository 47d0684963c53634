import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import pg from 'pg';
import { EnvironmentError, InputError } from '../../core/errors.ts';
import { allowedAddress } from './postgres-host.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** As `application_name`: how our sessions are told from those of the program. */
export const APPLICATION_NAME = 'deep-optimize';

export interface PostgresAccess {
  readonly url: string;
  /** Hosts beside loopback that may be used, named when the server was registered. */
  readonly allowHosts: readonly string[];
}

export async function connectPostgres({ url, allowHosts }: PostgresAccess): Promise<pg.Client> {
  const parsed = parseUrl(url);
  const address = await allowedAddress(parsed.host, allowHosts);
  const client = new pg.Client({
    host: address,
    port: parsed.port,
    user: parsed.user ?? userInfo().username,
    database: parsed.database,
    password: parsed.password ?? undefined,
    ssl: tlsOf(parsed),
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks makes the pending query fail; without a listener it would end the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw unreachable(error);
  }
}

/** The certificate is for the name and not for the address that it was resolved to. The types know of `true` only. */
function tlsOf({ host, ssl }: { readonly host: string; readonly ssl: unknown }): pg.ClientConfig['ssl'] {
  if (ssl === undefined || ssl === false) return false;
  const servername = isIP(host) === 0 && !host.startsWith('/') ? { servername: host } : {};
  return { ...servername, ...(typeof ssl === 'object' ? ssl : {}) };
}

function parseUrl(url: string): pg.Client {
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('not a postgres:// URL');
    return new pg.Client({ connectionString: url });
  } catch {
    // What the parser says may quote the URL.
    throw new InputError(
      'invalid_arguments',
      'The value of the variable is not a connection URL of PostgreSQL.',
      {
        fix: 'Give it the form postgres://user:password@host:port/database, with special characters percent-encoded.',
      },
    );
  }
}

/** Why a connection cannot be had, by SQLSTATE or by the code of Node.js. */
const FIXES: readonly (readonly [RegExp, string, string])[] = [
  [/^28P01$/, 'The database refuses the password.', 'Correct the password in the URL.'],
  [
    /^28/,
    'The database does not let this user in.',
    'Correct user and password in the URL, or pg_hba.conf of the server.',
  ],
  [
    /^3D000$/,
    'The database of the URL does not exist.',
    'Create it, or correct the name at the end of the URL.',
  ],
  [/^53300$/, 'The database has no connection left.', 'Close some, or raise max_connections.'],
  [/^57P03$/, 'The database is starting or shutting down.', 'Wait until it accepts connections.'],
  [
    /^ECONNREFUSED$|^ENOENT$/,
    'Nothing listens at the address of the URL.',
    'Start the database, or correct host and port in the URL.',
  ],
];

export function unreachable(error: unknown): EnvironmentError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = FIXES.find(([pattern]) => pattern.test(code));
  const [, what, fix] = known ?? [
    undefined,
    'There is no connection to the database.',
    'Check that the database runs and that the URL names the right host, port, user and SSL mode.',
  ];
  return new EnvironmentError('database_unreachable', what, {
    fix,
    output: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}
