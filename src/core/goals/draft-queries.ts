import type { QueryWorkload } from '../model/workloads/query.ts';
import type { ProjectFacts, SqlFileFacts } from '../ports/project.ts';
import type { DraftPart } from './draft.ts';
import { listFew, toName } from './imported-requests.ts';

type Database = QueryWorkload['database'];
type Engine = Database['engine'];

/** Clients by npm package. */
const CLIENTS: Readonly<Record<string, Engine>> = {
  pg: 'postgres',
  postgres: 'postgres',
  'pg-promise': 'postgres',
  slonik: 'postgres',
  '@neondatabase/serverless': 'postgres',
  '@vercel/postgres': 'postgres',
  'better-sqlite3': 'sqlite',
  sqlite3: 'sqlite',
  sqlite: 'sqlite',
  libsql: 'sqlite',
  '@libsql/client': 'sqlite',
};

/** Statements that the project keeps in files. */
export function draftQueries(facts: ProjectFacts): DraftPart {
  const { sqlFiles } = facts;
  if (sqlFiles.length === 0) return { workloads: [], found: [], missing: [] };
  const single = sqlFiles.filter(({ statements }) => statements === 1);
  const several = sqlFiles.filter(({ statements }) => statements > 1).map(({ file }) => file);
  const drafts = single.flatMap((sql) => {
    const database = databaseFor(facts, sql);
    return database === undefined ? [] : [{ sql, workload: toWorkload(sql, database) }];
  });
  const homeless = single.filter((sql) => databaseFor(facts, sql) === undefined).map(({ file }) => file);
  const lacksFile = enginesOf(facts).has('sqlite');
  const guessesName =
    drafts.some(({ workload }) => workload.database.engine === 'postgres') &&
    facts.databases.urlEnvs.length === 0;
  return {
    workloads: drafts.map(({ workload }) => workload),
    found: [`SQL: ${listFew(sqlFiles.map(({ file }) => file))}`],
    missing: [
      ...drafts
        .filter(({ sql }) => sql.parameters.length > 0)
        .map(({ sql, workload: { name } }) => ({
          about: name,
          what: `params of ${name}`,
          why: `${sql.parameters.join(', ')} were filled with 1; give several sets of values that exist`,
        })),
      ...(guessesName
        ? [
            {
              what: 'database.url_env',
              why: 'no variable with a database address was seen, so DATABASE_URL is a guess; give the name, never the address',
            },
          ]
        : []),
      ...(homeless.length === 0
        ? []
        : [
            {
              what: `database of ${listFew(homeless)}`,
              why: lacksFile
                ? 'no SQLite file was found in the project; write {"kind":"query","database":{"engine":"sqlite","file":…},"file":…}'
                : 'neither a client (pg, better-sqlite3, …) nor a SQLite file in the project tells which; write {"kind":"query","database":{"engine":"postgres","url_env":"DATABASE_URL"},"file":…}',
            },
          ]),
      ...(several.length === 0
        ? []
        : [
            {
              what: listFew(several),
              why: 'hold several statements; a query workload measures one, given as "sql"',
            },
          ]),
    ],
  };
}

function toWorkload({ file, parameters }: SqlFileFacts, database: Database): QueryWorkload {
  const stem = (file.split('/').at(-1) ?? file).replace(/\.sql$/i, '');
  return {
    name: toName(stem) ?? 'query',
    kind: 'query',
    database,
    file,
    ...(parameters.length === 0 ? {} : { params: [parameters.map(() => 1)] }),
  };
}

/** Of several engines, the one whose placeholders the statement has. */
function databaseFor(facts: ProjectFacts, { parameters }: SqlFileFacts): Database | undefined {
  const engines = enginesOf(facts);
  const written = parameters.some((name) => /^\$\d/.test(name))
    ? 'postgres'
    : parameters.length > 0
      ? 'sqlite'
      : undefined;
  const engine = written !== undefined && engines.has(written) ? written : [...engines][0];
  if (engine === 'postgres') {
    const { urlEnvs } = facts.databases;
    const named =
      urlEnvs.find((one) => one.engine === 'postgres') ?? urlEnvs.find((one) => one.engine === null);
    return { engine, url_env: named?.name ?? 'DATABASE_URL' };
  }
  const [file] = facts.databases.sqliteFiles;
  return engine === 'sqlite' && file !== undefined ? { engine, file } : undefined;
}

function enginesOf({ packageJson, databases }: ProjectFacts): ReadonlySet<Engine> {
  return new Set([
    ...(packageJson?.dependencies ?? []).flatMap((name) => CLIENTS[name] ?? []),
    ...databases.urlEnvs.flatMap(({ engine }) => engine ?? []),
    ...(databases.sqliteFiles.length > 0 ? (['sqlite'] as const) : []),
  ]);
}
