import { describe, expect, test } from 'vitest';
import { normalizeStatement, type Engine } from '../../../src/core/trace/normalize-statement.ts';

function textOf(raw: string, engine: Engine = 'postgres'): string {
  return normalizeStatement(raw, engine).text;
}

describe('the shape of a statement', () => {
  test.each<[string, string, Engine?]>([
    ["select * from t where a = 'it''s' and b=42", 'select * from t where a = ? and b=?'],
    ['select  *\n\tfrom t -- all of it\n where a = $1;', 'select * from t where a = ?'],
    ['select /* a ; b */ 1', 'select ?'],
    ['select a from t where id in ($1, $2,$3)', 'select a from t where id in (?)'],
    ['insert into t (a, b) values ($1,$2), ($3, $4)', 'insert into t (a, b) values (?)'],
    ['select array[1,2,3], x[1]', 'select array[?], x[?]'],
    ["select $$it's$$, $tag$ $$ $tag$, e'\\'' from t", 'select ?, ?, ? from t'],
    ['select a::int, "Weird ""Name" from t1.col2', 'select a::int, "Weird ""Name" from t1.col2'],
    ['select 1.5e-3, .5, 0xFF, -7, a-7, a - 7 limit -1', 'select ?, ?, ?, ?, a-?, a - ? limit ?'],
    ['select a from t where b = -1', 'select a from t where b = ?'],
    ["select data->>'a' from t where data ? 'b'", 'select data->>? from t where data ? ?'],
    ['select "a", `b` from t # last', 'select ?, `b` from t', 'mysql'],
    ["select 'a\\'b', 1", 'select ?, ?', 'mysql'],
    [
      'select a from t where b = :b and c = @c and d = ?1',
      'select a from t where b = ? and c = ? and d = ?',
      'sqlite',
    ],
    ['GET user:42:profile', 'GET user:{id}:profile', 'redis'],
    ['find users {"_id":"?"}', 'find users {"_id":"?"}', 'mongodb'],
    ["select 'never ends", 'select ?'],
    ['', ''],
  ])('%s', (raw, shape, engine) => {
    expect(textOf(raw, engine)).toBe(shape);
  });

  test('is the same for other values, other layout and other case, and for nothing else', () => {
    const of = (raw: string) => normalizeStatement(raw, 'postgres').fingerprint;
    expect(of('SELECT a FROM t\n WHERE b = 1')).toBe(of('select a from t where b = 22'));
    expect(of('select a from t where b = $1')).toBe(of("select a from t where b = 'x'"));
    expect(of('select a from t where b = $1')).not.toBe(of('select a from t where c = $1'));
    expect(of('select 1')).toMatch(/^[0-9a-f]{16}$/);
    expect(normalizeStatement('select 1', 'sqlite').fingerprint).not.toBe(of('select 1'));
  });

  test('knows whether values stood in the text', () => {
    expect(normalizeStatement('select a from t where b = $1', 'postgres').hasLiterals).toBe(false);
    expect(normalizeStatement('select a from t where b = 1', 'postgres').hasLiterals).toBe(true);
    expect(normalizeStatement('GET user:1', 'redis').hasLiterals).toBe(true);
  });

  test('takes time in proportion to the text', () => {
    for (const part of ["'", '$', '(', '/*', '-- ', 'a ', '?,', '-1', '"']) {
      expect(textOf(part.repeat(50_000)).length).toBeLessThanOrEqual(150_000);
    }
  });
});
