import { describe, expect, it } from 'vitest';
import { SHARE_OF_BUSY, SHARE_OF_REQUEST_TIME } from '../../../src/core/detectors/detector.ts';
import { DETECTORS } from '../../../src/core/detectors/index.ts';
import type { Finding } from '../../../src/core/detectors/index.ts';
import { joinFindings } from '../../../src/core/detectors/join.ts';
import { rankFindings, weighWith } from '../../../src/core/detectors/rank.ts';
import type { MetricName } from '../../../src/core/model/metrics.ts';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import type { Trace } from '../../../src/core/trace/model.ts';
import { traceBuilder } from '../../support/trace-builder.ts';

const roles = new Map(DETECTORS.map(({ id, names }) => [id, names]));
const facts = {
  roleOf: ({ kind }: Finding) => roles.get(kind) ?? 'function',
  weigh: ({ share }: Finding) => share.value,
};

function finding(kind: string, value: number, change: Partial<Finding> = {}): Finding {
  return {
    kind,
    title: kind,
    layer: 'data-access',
    location: {},
    share: { value, interval: [value, value], of: SHARE_OF_REQUEST_TIME, n: 200 },
    ceilings: [],
    confidence: { level: 'high', reason: '' },
    signals: [],
    confirm: '',
    ...change,
  };
}

const busy = { value: 0.4, interval: [0.4, 0.4] as [number, number], of: SHARE_OF_BUSY, n: 200 };

const joined = (...findings: readonly Finding[]) =>
  joinFindings(findings, facts).map(({ root, symptoms }) => [root.kind, ...symptoms.map(({ kind }) => kind)]);

const of = (fingerprint: string) => ({ location: { fingerprint } });
const at = (name: string) => ({ location: { function: name, file: 'src/a.js' } });
const url = (text: string) => ({ location: { url: text } });

describe('what explains what', () => {
  it.each<[string, Finding, Finding]>([
    [
      'large JSON makes the function hot that writes it',
      finding('oversized-json', 0.4, { ...at('copyOf'), signals: ['json'] }),
      finding('json-hot-path', 0.6, at('copyOf')),
    ],
    [
      'a statement that is slow because it is N+1',
      finding('n-plus-one-queries', 0.5, of('a')),
      finding('slow-dependency', 0.5, of('a')),
    ],
    [
      'one whose plan is bad',
      finding('slow-query-plan', 0.5, of('a')),
      finding('slow-dependency', 0.5, of('a')),
    ],
    [
      'a URL that is tried again',
      finding('retry-storm', 0.5, url('GET http://b/x')),
      finding('slow-dependency', 0.5, url('GET http://b/x')),
    ],
    [
      'a call that connects first',
      finding('new-connection-per-call', 0.4, { signals: ['target:http://b'] }),
      finding('slow-dependency', 0.5, url('GET http://b/x')),
    ],
    [
      'a statement that waits for a lock',
      finding('long-transaction', 0.1, { signals: ['holds:a'] }),
      finding('lock-contention', 0.6, of('a')),
    ],
    [
      'duplicates in a loop of queries',
      finding('n-plus-one-queries', 0.5, of('a')),
      finding('duplicate-work', 0.1, of('a')),
    ],
    ['a pool whose connections are held', finding('long-transaction', 0.3), finding('pool-too-small', 0.5)],
    [
      'CPU of a driver',
      finding('over-fetching', 0.2),
      finding('hot-function', 0.3, { location: { function: 'parse', package: 'pg-protocol' } }),
    ],
    [
      'socket writes',
      finding('n-plus-one-calls', 0.2),
      finding('hot-function', 0.3, { location: { function: 'writev' } }),
    ],
    ['garbage of rows nobody reads', finding('over-fetching', 0.2), finding('gc-pressure', 0.3)],
    [
      'a queue before a busy thread',
      finding('hot-function', 0.4, { location: { function: 'f' }, share: busy }),
      finding('event-loop-queueing', 0.5),
    ],
    [
      'what a detector says itself',
      finding('allocation-heavy', 0.1, { signals: ['explains:gc-pressure'] }),
      finding('gc-pressure', 0.9),
    ],
  ])('%s', (_, root, symptom) => {
    expect(joined(root, symptom)).toEqual([[root.kind, symptom.kind]]);
    expect(joined(symptom, root)).toEqual([[root.kind, symptom.kind]]);
  });

  it.each<[string, Finding, Finding]>([
    [
      'another statement',
      finding('n-plus-one-queries', 0.5, of('a')),
      finding('slow-dependency', 0.5, of('b')),
    ],
    [
      'another origin',
      finding('new-connection-per-call', 0.4, { signals: ['target:http://b'] }),
      finding('slow-dependency', 0.5, url('GET http://bb/x')),
    ],
    [
      'handshakes that are little of the call',
      finding('new-connection-per-call', 0.1, { signals: ['target:http://b'] }),
      finding('slow-dependency', 0.8, url('GET http://b/x')),
    ],
    [
      'a pool of one',
      finding('slow-dependency', 0.3),
      finding('pool-too-small', 0.5, { signals: ['very-few-connections'] }),
    ],
    [
      'CPU of the project',
      finding('n-plus-one-queries', 0.5),
      finding('hot-function', 0.3, { location: { function: 'render', file: 'src/a.js' } }),
    ],
    [
      'a queue before a thread with little to do',
      finding('hot-function', 0.06, { location: { function: 'f' }, share: { ...busy, value: 0.06 } }),
      finding('event-loop-queueing', 0.5),
    ],
  ])('not: %s', (_, root, symptom) => {
    expect(joined(root, symptom)).toHaveLength(2);
  });

  it('goes to the last cause, and nothing gets lost or stands twice', () => {
    const all = [
      finding('pool-too-small', 0.5),
      finding('slow-dependency', 0.6, of('a')),
      finding('slow-query-plan', 0.6, of('a')),
      finding('event-loop-queueing', 0.2),
    ];
    expect(joined(...all)).toEqual([
      ['slow-query-plan', 'slow-dependency', 'pool-too-small'],
      ['event-loop-queueing'],
    ]);
  });

  it('ends when two explain each other', () => {
    const both = [
      { why: '', roots: ['a'], symptoms: ['b'], when: () => true },
      { why: '', roots: ['b'], symptoms: ['a'], when: () => true },
    ];
    const pairs = joinFindings([finding('a', 0.5), finding('b', 0.4)], facts, both);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]?.symptoms).toHaveLength(1);
  });
});

describe('ranking over both', () => {
  it('weighs busy time with what CPU, collection and queueing make of the time of the requests', () => {
    const builder = traceBuilder();
    builder.requests(20, 'GET /', (r) => {
      r.cpu(2);
      r.query('select 1', { ms: 8 });
    });
    const weighed = (trace?: Trace, ...metrics: readonly MetricName[]) =>
      weighWith({ ...(trace === undefined ? {} : { trace: analyzeTrace(trace) }), metrics });
    const weigh = weighed(builder.build());
    const busy = finding('hot-function', 0.9, {
      share: { value: 0.9, interval: [0.9, 0.9], of: SHARE_OF_BUSY, n: 1 },
    });
    expect(weigh(busy)).toBeCloseTo(0.18, 9);
    expect(weigh(finding('slow-dependency', 0.3))).toBe(0.3);
    expect(weighed()(busy)).toBe(0.9);
    // Spans without runs: what isn't explained may be CPU.
    expect(weighed(builder.build({ runs: [] }))(busy)).toBeCloseTo(0.18, 9);
    // A few long requests wait for most of all time; the usual one is CPU.
    builder.requests(200, 'GET /', (r) => r.cpu(2));
    builder.requests(20, 'GET /', (r) => r.query('select 1', { ms: 500 }));
    const mixed = builder.build();
    expect(weighed(mixed, 'throughput_rps')(busy)).toBeLessThan(0.1);
    expect(weighed(mixed, 'latency_p50_ms')(busy)).toBeCloseTo(0.9, 9);
  });

  it('a cause counts as much as the heaviest that it explains, and tells what', () => {
    const ranked = rankFindings(
      [
        finding('slow-dependency', 0.4, { ...of('other'), title: 'other' }),
        finding('long-transaction', 0.1, { signals: ['holds:a'] }),
        finding('slow-dependency', 0.7, { ...of('a'), title: 'waits for the lock' }),
      ],
      roles,
    );
    expect(ranked.map(({ kind, title, symptoms }) => [kind, title, symptoms])).toEqual([
      ['long-transaction', 'long-transaction', ['waits for the lock']],
      ['slow-dependency', 'other', undefined],
    ]);
  });
});
