import { describe, expect, it } from 'vitest';
import { placeOfWord, readSqliteStatement } from '../../../src/core/query/sqlite-statement.ts';

const read = (sql: string, writes = false) => readSqliteStatement(sql, { writes });

describe('parameters', () => {
  it.each([
    ['select 1', 0],
    ['select ?, ?', 2],
    ['select ?3, ?', 4],
    ['select :a, @b, $c, :a', 3],
    ['select ?2, ?1', 2],
    ['select \'?\', "?", [?], `?`, ? -- ?\n /* ? */', 1],
    ["select 'it''s ?', ?", 1],
  ])('%s: %d', (sql, parameters) => expect(read(sql)).toMatchObject({ parameters }));
});

describe('one statement', () => {
  it.each([
    'select 1;',
    'select 1 ; ; -- done',
    "select ';'",
    'select 1 /* ; select 2 */',
    '-- one\nselect 1',
  ])('takes %s', (sql) => expect(read(sql)).toMatchObject({ parameters: 0 }));

  it('refuses a second, and says where it begins', () => {
    expect(() => read('select 1;\n-- and\n  delete from t')).toThrow('the second begins at line 3, column 3');
    expect(() => read('select 1; ;select 2')).toThrow('line 1, column 12');
  });

  it.each(['', '  ', '-- nothing', ';;', '/* open'])('refuses %j: there is none', (sql) =>
    expect(() => read(sql)).toThrow('holds no statement'),
  );
});

describe('what it may do', () => {
  it.each([
    'insert into t values (1)',
    'UPDATE t SET a = 1',
    'with x as (select 1) delete from t',
    'with x (a) as (values (1)), y as (select 2) insert into t select a from x',
    'replace into t values (1)',
  ])('takes %s as a write only', (sql) => {
    expect(() => read(sql)).toThrow('the workload does not say so');
    expect(read(sql, true)).toMatchObject({ parameters: 0 });
  });

  it.each([
    "with x as (select 1) select replace('a', 'b', 'c') from x",
    'select "delete" from t',
    'values (1), (2)',
  ])('takes %s as a read', (sql) => expect(read(sql)).toMatchObject({ parameters: 0 }));

  it.each([
    "attach 'other.db' as o",
    "vacuum into 'copy.db'",
    'pragma journal_mode = wal',
    'create index i on t (a)',
    'commit',
    'explain select 1',
    'create trigger g after insert on t begin select 1; end',
  ])('never takes %s', (sql) => {
    expect(() => read(sql)).toThrow(/is not measured|several statements/);
    expect(() => read(sql, true)).toThrow(/is not measured|several statements/);
  });

  it.each([
    "select writefile('x', 'y')",
    "select ReadFile ('x')",
    `select "writefile"('x', 'y')`,
    "select * from fsdir('.')",
    "select sha3_query('select 1')",
    "select load_extension /* here */ ('x')",
  ])('refuses %s', (sql) => expect(() => read(sql)).toThrow('reaches out of the database'));

  it('takes a column of such a name', () => {
    expect(read('select readfile from t')).toMatchObject({ parameters: 0 });
  });
});

describe('placeOfWord', () => {
  it('tells the place of a word that stands once', () => {
    expect(placeOfWord('select *\n  frm t', 'frm')).toBe('line 2, column 3');
    expect(placeOfWord('select a, a from t', 'a')).toBeUndefined();
    expect(placeOfWord("select 'frm' frm", 'frm')).toBe('line 1, column 14');
  });
});

describe('order', () => {
  it.each([
    ['select a from t order by a', true],
    ['select a from t ORDER BY a limit 3;', true],
    ['select a from (select a from t order by a)', false],
    ['select row_number() over (order by a) from t', false],
    ['select "order" from t', false],
    ["select 'order by' from t", false],
  ])('%s: %s', (sql, ordered) => expect(read(sql)).toMatchObject({ ordered }));
});
