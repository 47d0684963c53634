import { describe, expect, it } from 'vitest';
import { SHARE_OF_REQUEST_TIME } from '../../../src/core/detectors/detector.ts';
import type { Bottleneck } from '../../../src/core/model/evidence.ts';
import type { Goals } from '../../../src/core/model/goals.ts';
import { proposeStrategies } from '../../../src/core/strategies/propose.ts';

const goals: Goals = {
  workloads: [],
  objectives: [{ workload: 'list', metric: 'latency_p95_ms', max: 50, primary: true }],
  constraints: [],
};

function waiting(kind: string, signals: readonly string[], change: Partial<Bottleneck> = {}): Bottleneck {
  return {
    id: 'bn_1',
    run_id: 'run_1',
    baseline_id: null,
    workload: 'list',
    rank: 1,
    kind,
    title: 'what was found',
    layer: 'data-access',
    location: {
      function: 'authorOf',
      file: 'src/feed.js',
      line: 3,
      statement: 'select ?',
      fingerprint: 'fp',
    },
    share: { value: 0.8, interval: [0.7, 0.9], of: SHARE_OF_REQUEST_TIME, n: 200 },
    ceilings: [{ metric: 'latency_p95_ms', gain: 0.8, interval: [0.7, 0.9], assumes: '' }],
    confidence: { level: 'high', reason: '' },
    signals: [...signals],
    evidence_ids: [],
    confirm: '',
    created_at: '',
    ...change,
  };
}

describe('strategies for waiting', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['n-plus-one-queries', ['n-plus-one', 'serial'], ['join-or-batch-queries']],
    ['n-plus-one-calls', ['n-plus-one', 'parallel'], ['join-or-batch-queries']],
    ['duplicate-work', ['duplicate'], ['request-scoped-memoization']],
    ['repeated-across-requests', ['cacheable'], ['cache-across-requests']],
    ['over-fetching', ['over-fetching', 'unused-columns'], ['select-less-data']],
    ['new-connection-per-call', ['new-connection'], ['keep-connections-alive']],
    ['serial-independent-calls', ['serial'], ['run-independent-calls-together']],
    ['slow-dependency', ['slow-outbound'], ['timeouts']],
    ['slow-query-plan', ['missing-index:orders(email)'], ['add-index']],
    ['slow-query-plan', ['unusable-index:orders(placed_at)', 'unusable-index'], ['compare-bare-column']],
    ['timer-wait', ['timer'], ['wait-for-the-event']],
    ['retry-storm', ['retries'], ['backoff-and-circuit-breaker', 'timeouts']],
    ['pool-too-small', ['pool'], ['resize-pool']],
    ['long-transaction', ['long-transaction'], ['shorten-transaction']],
    ['lock-contention', [], ['shorten-transaction']],
    ['thread-pool-saturated', ['thread-pool'], ['resize-thread-pool']],
  ])('%s: its own remedies and none for hot code', (kind, signals, keys) => {
    const proposed = proposeStrategies([waiting(kind, [...signals, 'database-client:pg'])], goals);
    expect(new Set(proposed.map(({ key }) => key))).toEqual(new Set(keys));
    for (const { ceiling, score } of proposed) {
      expect(ceiling?.metric).toBe('latency_p95_ms');
      expect(score).toBeGreaterThan(0);
    }
  });

  it('names the index that is missing', () => {
    const [first] = proposeStrategies([waiting('slow-query-plan', ['missing-index:orders(email)'])], goals);
    expect(first?.why).toContain('orders(email)');
  });

  it('a call that holds the thread has the remedies of one in a profile', () => {
    const keys = proposeStrategies([waiting('sync-file-io', ['sync-io'])], goals).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['read-once', 'async-instead-of-sync']));
  });

  it('what was tried on another statement of the same function was not tried on this one', () => {
    const past = waiting('n-plus-one-queries', ['n-plus-one'], { id: 'bn_0' });
    const tried = (fingerprint: string) =>
      proposeStrategies(
        [waiting('n-plus-one-queries', ['n-plus-one'], { location: { ...past.location, fingerprint } })],
        goals,
        {
          experiments: [
            {
              id: 'exp_1',
              workload: 'list',
              baseline_id: 'base_1',
              hypothesis: null,
              strategy_id: 'bn_0--join-or-batch-queries',
              verdict: 'equivalent',
              reason: '',
              decision: 'revert',
              created_at: '',
            },
          ],
          pastBottlenecks: new Map([['bn_0', past]]),
        },
      )[0]?.tried;
    expect(tried('fp')).toHaveLength(1);
    expect(tried('other')).toEqual([]);
  });
});
