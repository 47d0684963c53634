import { describe, expect, it } from 'vitest';
import { chooseConnection } from '../../../src/core/database/choose-connection.ts';
import { columnsOf, comparedExpression } from '../../../src/core/database/condition.ts';
import { judgePlan } from '../../../src/core/database/judge-plan.ts';
import { maskLiterals, readPostgresPlan, readSqlitePlan } from '../../../src/core/database/read-plan.ts';
import { recordedPlan, type RecordedPlan } from './recorded.ts';

const signals = (name: RecordedPlan) => judgePlan(recordedPlan(name)).map(({ signal }) => signal);

describe('plans that PostgreSQL wrote', () => {
  it.each<[RecordedPlan, string]>([
    ['missing-index', 'missing-index:orders(customer_id)'],
    ['missing-index-generic', 'missing-index:orders(customer_id)'],
    ['update', 'missing-index:orders(customer_id)'],
    ['filter-after-scan', 'filter-after-scan:orders(total)'],
    ['sort-spill', 'sort-spill'],
    ['hash-spill', 'hash-spill'],
  ])('%s: %s and nothing else', (name, signal) => {
    expect(signals(name)).toEqual([signal]);
  });

  it('a nested loop that compares every pair, and an estimate that led into one', () => {
    expect(signals('nested-loop')).toContain('nested-loop');
    expect(signals('bad-estimate')).toContain('bad-estimate:customers');
  });

  it('one that goes by its index has nothing wrong', () => {
    expect(signals('indexed')).toEqual([]);
  });

  it('hold no value of the program', () => {
    for (const name of ['missing-index', 'filter-after-scan', 'bad-estimate'] as const) {
      expect(JSON.stringify(recordedPlan(name).root)).not.toMatch(/'|\b(42|500)\b|city7|zip7/);
    }
  });

  it('are read with their numbers', () => {
    expect(recordedPlan('missing-index').root).toMatchObject({
      type: 'Seq Scan',
      relation: 'orders',
      actualRows: 3,
      rowsRemovedByFilter: 59_997,
      spilledKilobytes: 0,
    });
    expect(recordedPlan('update').executionMs).toBeNull();
    expect(() => readPostgresPlan({ Plan: {} })).toThrow();
  });
});

describe('SQLite', () => {
  const judge = (detail: string, text: string, rows = 5000) =>
    judgePlan({
      ...readSqlitePlan([{ id: 2, parent: 0, notused: 0, detail }]),
      fingerprint: 'f',
      mode: 'estimate',
      text,
      tableRows: { orders: rows },
      share: null,
    }).map(({ signal }) => signal);

  it('scans, which an index would spare, and searches, which have one', () => {
    expect(judge('SCAN orders', 'select * from orders where email = ? limit 5')).toEqual([
      'missing-index:orders(email)',
    ]);
    expect(judge('SCAN TABLE orders', 'select * from orders where email = ?')).toHaveLength(1);
    expect(judge('SEARCH o USING AUTOMATIC COVERING INDEX (customer_id=?)', 'select 1')).toEqual([
      'missing-index:o(customer_id)',
    ]);
    expect(
      judge('SEARCH orders USING INDEX by_email (email=?)', 'select * from orders where email = ?'),
    ).toEqual([]);
    expect(judge('SCAN orders', 'select count(*) from orders')).toEqual([]);
    expect(judge('SCAN orders', 'select * from orders where date(placed_at) = ?')).toEqual([
      'unusable-index:orders(placed_at)',
    ]);
    // The other table is read for it, because nothing finds it.
    const flat = readSqlitePlan([
      { id: 9, parent: 0, notused: 0, detail: 'SCAN order_items' },
      { id: 11, parent: 0, notused: 0, detail: 'SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)' },
    ]);
    const of = (text: string) =>
      judgePlan({
        ...flat,
        fingerprint: 'f',
        mode: 'estimate',
        text,
        tableRows: { orders: 5000 },
        share: null,
      });
    const JOIN = 'select 1 from orders join order_items on order_items.order_id = orders.id';
    expect(of(`${JOIN} where date(orders.placed_at) = ? and orders.status <> ?`)).toMatchObject([
      { kind: 'unusable-index', signal: 'unusable-index:orders(placed_at)' },
    ]);
    expect(of(`${JOIN} where orders.email = ?`)).toMatchObject([{ signal: 'missing-index:orders(email)' }]);
    expect(of(`${JOIN} where orders.rowid = ?`)).toEqual([]);
    expect(of(JOIN)).toEqual([]);
    // By its alias, and without what is compared of the other table.
    expect(
      judge(
        'SCAN o',
        'select 1 from orders AS o join users u on u.id = o.user_id where o.email = ? and u.age > ?',
      ),
    ).toEqual(['missing-index:orders(email)']);
    expect(judge('SCAN orders', 'select * from orders where email = ?', 20)).toEqual([]);
  });
});

describe('conditions', () => {
  it.each([
    ['(orders.customer_id = ?)', '(customer_id)'],
    ['((o.total > ?) AND (o.state = ?::text))', '(state, total)'],
    ['(lower(users.email) = ?::text)', '(email)'],
    ['((orders.state)::text = ANY (?::text[]))', '(state)'],
    ['(posts.title ~~ ?::text)', '(title)'],
    ['exists(SubPlan ?)', ''],
  ])('%s compares %s', (condition, columns) => {
    expect(columnsOf(condition)).toBe(columns);
  });

  it.each([
    ["strftime('%Y-%m', orders.placed_at) = ?1 and orders.status <> 'x'", 'placed_at'],
    ['(lower((users.email)::text) = ?::text)', 'email'],
    ["(date_trunc('month'::text, created_at) >= ?)", 'created_at'],
    ['(coalesce(deleted_at, now()) > ?)', 'deleted_at'],
  ])('%s asks for a function of %s, which no index on it holds', (condition, column) => {
    expect(comparedExpression(condition)?.column).toBe(column);
  });

  it.each([
    '(orders.customer_id = ?)',
    '((email)::text = ANY (?::text[]))',
    '((lower(email) = ?) AND (shop_id = ?))',
    'exists(SubPlan ?)',
    'id in (1, 2)',
  ])('%s does not', (condition) => {
    expect(comparedExpression(condition)).toBeUndefined();
  });

  it('literals are masked, names with digits are not', () => {
    expect(
      maskLiterals(`((t1.a2 = 'it''s'::text) AND (b > '-5'::integer) AND (c < 3.5e7) AND (d = -4))`),
    ).toBe('((t1.a2 = ?::text) AND (b > ?::integer) AND (c < ?) AND (d = ?))');
  });
});

describe('the connection of the program', () => {
  const url = 'postgres://127.0.0.1/shop';
  it('is the customary variable, of the nearest source, not that of tests', () => {
    const choose = (...sources: Record<string, string>[]) =>
      chooseConnection(sources.map((one) => Object.entries(one).map(([name, value]) => ({ name, value }))));
    expect(choose({ TEST_DATABASE_URL: url, PG_URL: url, OTHER: url })).toBe('PG_URL');
    expect(choose({ DATABASE_URL: 'mysql://x' }, { SHOP_DB: url, DATABASE_URL: url })).toBe('DATABASE_URL');
    expect(choose({ OTHER: url }, { DATABASE_URL: url })).toBe('OTHER');
    expect(choose({}, { A: 'x' })).toBeUndefined();
  });
});
