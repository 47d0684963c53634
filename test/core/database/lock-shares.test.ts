import { describe, expect, it } from 'vitest';
import { activityDuring, withLockShares } from '../../../src/core/database/lock-shares.ts';
import type { DatabaseActivity } from '../../../src/core/ports/databases.ts';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import { normalizeStatement } from '../../../src/core/trace/normalize-statement.ts';
import { traceBuilder } from '../../support/trace-builder.ts';

const BEGAN = 1_000_000;
const UPDATE = 'UPDATE stock SET n = n - $1 WHERE id = $2';
const { text, fingerprint } = normalizeStatement(UPDATE, 'postgres');

/** 100 requests of 10 ms, of which 8 are one statement. */
function trace() {
  const builder = traceBuilder();
  builder.requests(100, 'POST /buy', (r) => {
    r.cpu(1);
    r.query(text, { ms: 8 });
    r.query('select 1', { ms: 1 });
  });
  const built = builder.build({ beganAtMs: BEGAN });
  const statements = built.statements.map((one) => (one.text === text ? { ...one, fingerprint } : one));
  return { ...built, statements };
}

/** Polled every 10 ms, from a second before the trace until a second after it. */
function activity(waitsAtMs: readonly number[], change: Partial<DatabaseActivity> = {}): DatabaseActivity {
  const pollsAtMs = Array.from({ length: 300 }, (_, index) => BEGAN - 1000 + 10 * index);
  return {
    pollsAtMs,
    activeAtMs: pollsAtMs,
    waits: [
      {
        query: UPDATE,
        lock: 'tuple',
        relation: 'stock',
        seenAtMs: waitsAtMs,
        blockers: [],
      },
    ],
    transactions: [],
    statements: null,
    hidden: false,
    ...change,
  };
}

/** As the pass does: of what was seen, what was seen meanwhile. */
function analyzeWatched(seen: DatabaseActivity | undefined) {
  const traced = trace();
  return analyzeTrace(withLockShares(traced, seen && activityDuring(seen, traced)));
}

describe('waits for locks within the time of statements', () => {
  it('are as long as the polls that met them, while the trace was taken', () => {
    const during = Array.from({ length: 40 }, (_, index) => BEGAN + 10 + 20 * index);
    const before = Array.from({ length: 90 }, (_, index) => BEGAN - 950 + 10 * index);
    const { knowsLocks, split } = analyzeWatched(activity([...before, ...during]));
    expect(knowsLocks).toBe(true);
    // 40 polls of about 10 ms, of 1,000 ms in all.
    expect(split.shares['lock-wait']).toBeCloseTo(0.4, 1);
    expect(split.shares.database + split.shares['lock-wait']).toBeCloseTo(0.9, 9);
  });

  it('are none where none was met', () => {
    const { knowsLocks, split } = analyzeWatched(activity([]));
    expect([knowsLocks, split.shares['lock-wait']]).toEqual([true, 0]);
  });

  it('are not known where nobody could look', () => {
    const unseen = [undefined, activity([], { hidden: true }), activity([], { pollsAtMs: [BEGAN + 1] })];
    for (const seen of unseen) expect(analyzeWatched(seen).knowsLocks).toBe(false);
  });
});
