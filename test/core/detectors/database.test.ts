import { describe, expect, it } from 'vitest';
import type { DatabaseFacts, LockWait, StatementShare } from '../../../src/core/database/model.ts';
import { statementsToExplain, toDatabaseFacts } from '../../../src/core/database/to-facts.ts';
import { shareStatements } from '../../../src/core/database/statement-shares.ts';
import { lockContention } from '../../../src/core/detectors/lock-contention.ts';
import { slowQueryPlan } from '../../../src/core/detectors/slow-query-plan.ts';
import type { Span, Trace } from '../../../src/core/trace/model.ts';
import { normalizeStatement } from '../../../src/core/trace/normalize-statement.ts';
import { recordedPlan, type RecordedPlan } from '../database/recorded.ts';
import { expectWhole } from './detector-input.ts';
import { recordedInput } from './recorded.ts';

const HALF: StatementShare = { value: 0.5, interval: [0.4, 0.6], requests: 200, perRequest: 1 };
const NOTHING: DatabaseFacts = {
  engine: 'postgres',
  load: 'requests',
  plans: [],
  locks: [],
  transactions: [],
  statements: null,
};

const detectPlan = (name: RecordedPlan, share: StatementShare | null = HALF) =>
  slowQueryPlan.detect({
    ...recordedInput('healthy'),
    database: { ...NOTHING, plans: [recordedPlan(name, share)] },
  });

describe('slow-query-plan', () => {
  it.each<[RecordedPlan, string, 'high' | 'medium']>([
    ['missing-index', 'missing-index:orders(customer_id)', 'high'],
    ['missing-index-generic', 'missing-index:orders(customer_id)', 'medium'],
    ['update', 'missing-index:orders(customer_id)', 'medium'],
    ['filter-after-scan', 'filter-after-scan:orders(total)', 'high'],
    ['bad-estimate', 'bad-estimate:customers', 'high'],
    ['sort-spill', 'sort-spill', 'high'],
    ['hash-spill', 'hash-spill', 'high'],
    ['nested-loop', 'nested-loop', 'high'],
  ])('%s: %s', (name, signal, level) => {
    const [first, ...rest] = detectPlan(name);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      kind: 'slow-query-plan',
      location: { fingerprint: name },
      share: { value: 0.5, of: 'time of the requests', n: 200 },
      confidence: { level },
    });
    expect(first?.signals).toContain(signal);
    expectWhole(first);
  });

  it('says nothing of a plan without fault, nor of one that takes no time', () => {
    expect(detectPlan('indexed')).toEqual([]);
    expect(detectPlan('missing-index', null)).toEqual([]);
    expect(detectPlan('missing-index', { ...HALF, value: 0.02, interval: [0.01, 0.03] })).toEqual([]);
  });
});

describe('lock-contention', () => {
  const UPDATE = { fingerprint: 'u', text: 'update stock set n = n - ? where id = ?' };
  const wait = (change: Partial<LockWait> = {}): LockWait => ({
    waiting: UPDATE,
    lock: 'transactionid',
    relation: 'stock',
    blockers: [{ fingerprint: 's', text: 'select pg_sleep(?)', state: 'active', samples: 40 }],
    samples: 40,
    shareOfActive: 0.4,
    share: HALF,
    ...change,
  });
  const detect = (...locks: LockWait[]) =>
    lockContention.detect({ ...recordedInput('healthy'), database: { ...NOTHING, locks } });

  it('names the statement that waits, the lock, and the transaction in the way', () => {
    const [first, ...rest] = detect(wait(), wait({ lock: 'tuple', samples: 10, shareOfActive: 0.1 }));
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      location: { statement: UPDATE.text, lock: 'transactionid of stock' },
      share: { value: 0.5 },
      confidence: { level: 'high' },
    });
    expect(first?.detail).toContain('select pg_sleep(?)');
    expectWhole(first);
  });

  it('says when the transaction in the way waits for the program', () => {
    const blockers = [{ fingerprint: 's', text: 'select 1', state: 'idle in transaction', samples: 39 }];
    expect(detect(wait({ blockers }))[0]?.signals).toContain('idle-in-transaction');
    expect(detect(wait())[0]?.signals).not.toContain('idle-in-transaction');
  });

  it('without a trace its share is of the samples', () => {
    const [first] = detect(wait({ share: null }));
    expect(first?.share).toMatchObject({ value: 0.4, of: 'samples in which a session was at work' });
    expectWhole(first);
  });

  it('says nothing of sessions that met by chance', () => {
    expect(detect(wait({ samples: 2 }))).toEqual([]);
    expect(detect(wait({ shareOfActive: 0.01 }))).toEqual([]);
    expect(detect()).toEqual([]);
  });
});

describe('what the trace knows', () => {
  const query = normalizeStatement('SELECT * FROM orders WHERE customer_id = $1', 'postgres');
  const span = (change: Partial<Span> & Pick<Span, 'id' | 'kind' | 'startUs' | 'endUs'>): Span => ({
    name: 'x',
    thread: 0,
    failed: false,
    ...change,
  });
  const trace: Trace = {
    spans: [0, 1, 2, 3].flatMap((index) => {
      const at = index * 1000;
      const own = { trace: `t${index}`, parent: `r${index}`, statement: 0, kind: 'query' as const };
      return [
        span({ id: `r${index}`, trace: `t${index}`, kind: 'request', startUs: at, endUs: at + 1000 }),
        // At the same time: they count once.
        span({ ...own, id: `a${index}`, startUs: at + 100, endUs: at + 500 }),
        span({ ...own, id: `b${index}`, startUs: at + 100, endUs: at + 600 }),
      ];
    }),
    statements: [
      {
        fingerprint: query.fingerprint,
        text: query.text,
        engine: 'postgres',
        original: 'SELECT * FROM orders WHERE customer_id = $1',
        samples: [[7]],
      },
      { fingerprint: 'l', text: 'select ? from orders', engine: 'postgres' },
      { fingerprint: 'r', text: 'GET ?', engine: 'redis' },
    ],
    sites: [],
    runs: [],
    collections: [],
    threads: [],
    dropped: 0,
    producer: 'tracer',
  };

  it('is how much of the requests a statement takes', () => {
    const share = shareStatements(trace).get(query.fingerprint);
    expect(share).toMatchObject({ value: 0.5, requests: 4, perRequest: 2 });
    expect(share?.interval).toEqual([0.5, 0.5]);
  });

  it('is which statements to explain, with values where it has some', () => {
    expect(statementsToExplain(trace, 'postgres')).toEqual([
      { fingerprint: query.fingerprint, sql: 'SELECT * FROM orders WHERE customer_id = $1', params: [7] },
      { fingerprint: 'l', sql: 'select $1 from orders' },
    ]);
  });

  it('is the name of what sessions run, whose values are taken out', () => {
    const facts = toDatabaseFacts(
      'postgres',
      trace,
      { explained: [], skipped: [] },
      {
        pollsAtMs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        activeAtMs: [1, 2, 3, 4, 5, 6, 7, 8],
        hidden: false,
        statements: null,
        transactions: [],
        waits: [
          {
            query: 'SELECT * FROM orders WHERE customer_id = $1',
            lock: 'tuple',
            relation: 'orders',
            seenAtMs: [1, 2, 3, 4],
            blockers: [{ query: `UPDATE orders SET note = 'a secret'`, state: 'active', samples: 4 }],
          },
        ],
      },
    );
    expect(facts.locks[0]).toMatchObject({
      waiting: { fingerprint: query.fingerprint },
      shareOfActive: 0.5,
      share: { value: 0.5 },
    });
    expect(JSON.stringify(facts)).not.toContain('secret');
  });
});
