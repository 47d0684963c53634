import type { ProfileAnalysis } from '../profile/analyze.ts';

/** npm packages that talk to a database; their presence in a profile makes data-access strategies worth proposing. */
const DATABASE_CLIENTS = new Set([
  'pg',
  'pg-pool',
  'pg-protocol',
  'postgres',
  'mysql',
  'mysql2',
  'mariadb',
  'better-sqlite3',
  'libsql',
  'sqlite3',
  'mongodb',
  'mongoose',
  'redis',
  '@redis/client',
  'ioredis',
  'knex',
  'kysely',
  'drizzle-orm',
  'sequelize',
  'typeorm',
  '@prisma/client',
  'tedious',
  'oracledb',
  'cassandra-driver',
  '@elastic/elasticsearch',
]);

export function isDatabaseClient(name: string | undefined): boolean {
  return name !== undefined && DATABASE_CLIENTS.has(name);
}

/** Clients that are on some stack at all: the profile shows their CPU, never the time the database takes. */
export function findDatabaseClients({ packages, functions }: ProfileAnalysis): readonly string[] {
  const present = new Set([
    ...packages.map(({ package: name }) => name),
    ...functions.map(({ package: name }) => name),
  ]);
  return [...DATABASE_CLIENTS].filter((name) => present.has(name));
}
