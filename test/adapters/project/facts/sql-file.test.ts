import { expect, test } from 'vitest';
import { urlEnvsOfExample, urlEnvsOfSource } from '../../../../src/adapters/project/facts/database-hints.ts';
import { readSqlFile } from '../../../../src/adapters/project/facts/sql-file.ts';

test.each([
  ['select 1', 1, []],
  [`-- a; b\nselect ';' /* ; */, "a;b" from t where a = $2 and b = $1 and c = $1;`, 1, ['$1', '$2']],
  ['select $tag$ a; $1 $tag$, $10, $9', 1, ['$9', '$10']],
  [`select * from t where a = ? and b = ? and c = ':no'`, 1, ['?', '?']],
  ['select * from t where a = :id::text and b = @name', 1, [':id', '@name']],
  ['with a as (select 1) select * from a; (select 2);', 2, []],
])('%j holds %i statement(s) with parameters %j', (text, statements, parameters) => {
  expect(readSqlFile(text, 'queries/q.sql')).toEqual({ file: 'queries/q.sql', statements, parameters });
});

test.each([
  ['create table t (a int);', 'queries/q.sql'],
  ['select 1; insert into t values (1)', 'queries/q.sql'],
  ['with a as (select 1) delete from t', 'queries/q.sql'],
  ['-- nothing\n', 'queries/q.sql'],
  ['select 1', 'db/migrations/001.sql'],
  ['select 1', 'schema.sql'],
  ['select 1', 'db/seed-users.sql'],
])('%j in %s is no query', (text, file) => {
  expect(readSqlFile(text, file)).toBeUndefined();
});

test('of an example of settings, only names and schemes are told', () => {
  const text = `# DATABASE_URL=commented
export DATABASE_URL="postgres://ann:hunter2@db/shop"
SQLITE_PATH=./x
CACHE_DB_FILE=data/cache.sqlite
REDIS_URL=redis://x
DATABASE_POOL=5`;
  expect(urlEnvsOfExample(text)).toEqual([
    { name: 'DATABASE_URL', engine: 'postgres' },
    { name: 'SQLITE_PATH', engine: 'sqlite' },
    { name: 'CACHE_DB_FILE', engine: 'sqlite' },
  ]);
});

test('of sources, the names of variables that hold an address', () => {
  expect(
    urlEnvsOfSource(`process.env.DATABASE_URL; process.env['PG_DSN']; process.env.API_URL; env.DB_URL`),
  ).toEqual([
    { name: 'DATABASE_URL', engine: null },
    { name: 'PG_DSN', engine: 'postgres' },
  ]);
});
