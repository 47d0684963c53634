import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeTrace, requestsAt } from '../../../src/core/trace/analyze.ts';
import type { Span, SpanKind, Trace } from '../../../src/core/trace/model.ts';
import { SPLIT_PARTS } from '../../../src/core/trace/split.ts';
import { traceBuilder } from '../../support/trace-builder.ts';
import type { RequestBuilder, TraceBuilder } from '../../support/trace-builder.ts';

function partsOf(
  body: (request: RequestBuilder) => void,
  around: (builder: TraceBuilder) => void = () => undefined,
) {
  const builder = traceBuilder();
  builder.requests(1, 'GET /', body);
  around(builder);
  const [request] = analyzeTrace(builder.build()).requests;
  if (request === undefined) throw new Error('no request');
  const used = Object.entries(request.parts).filter(([, us]) => us > 0);
  return Object.fromEntries(used.map(([part, us]) => [part, us / 1000]));
}

describe('the split of one request', () => {
  it('gives each kind of time to its part', () => {
    expect(
      partsOf((r) => {
        r.cpu(2);
        r.call('pool-wait', 'pool', { ms: 3 });
        r.query('select 1', { ms: 5 });
        r.call('outbound', 'GET http://b/', { ms: 7 });
        r.call('file', 'fs.readFile', { ms: 1 });
        r.pause(4);
        r.cpu(1);
      }),
    ).toEqual({ cpu: 3, 'pool-wait': 3, database: 5, outbound: 7, file: 1, other: 4 });
  });

  it('takes the inner of nested waits', () => {
    expect(
      partsOf((r) => {
        r.call('outbound', 'GET http://b/', {
          ms: 10,
          inside: () => {
            r.pause(2);
            r.call('request', 'GET /inner', { ms: 6, inside: () => r.query('select 1', { ms: 4 }) });
          },
        });
        r.query('select 2', { ms: 5, inside: () => r.call('pool-wait', 'pool', { ms: 3 }) });
      }),
    ).toEqual({ outbound: 6, database: 6, 'pool-wait': 3 });
  });

  it('counts parallel waits once, for the one that ends last', () => {
    expect(
      partsOf((r) =>
        r.parallel(
          () => r.query('select 1', { ms: 4 }),
          () => r.call('outbound', 'GET http://b/', { ms: 10 }),
          () => r.query('select 2', { ms: 6 }),
        ),
      ),
    ).toEqual({ outbound: 10 });
    // The second begins later: what came before it is still the first one's.
    expect(
      partsOf((r) =>
        r.parallel(
          () => r.query('select 1', { ms: 8 }),
          () => {
            r.pause(5);
            r.call('outbound', 'GET http://b/', { ms: 5 });
          },
        ),
      ),
    ).toEqual({ database: 5, outbound: 5 });
  });

  it('gives a timer what nothing else is waited for, and nothing where it fires after the answer', () => {
    expect(
      partsOf((r) => {
        r.call('timer', 'setTimeout 5 ms', { ms: 5 });
        r.parallel(
          () => r.query('select 1', { ms: 4 }),
          () => r.call('timer', 'setTimeout 7 ms', { ms: 7 }),
        );
      }),
    ).toEqual({ timer: 8, database: 4 });
    const builder = traceBuilder();
    builder.requests(1, 'GET /', (r) => r.call('timer', 'setTimeout 100 ms', { ms: 3 }));
    const trace = builder.build();
    const late = trace.spans.map((span) => (span.kind === 'timer' ? { ...span, endUs: 100_000 } : span));
    expect(analyzeTrace({ ...trace, spans: late }).split.shares).toMatchObject({ timer: 0, other: 1 });
  });

  it('calls what runs during a wait CPU', () => {
    expect(
      partsOf((r) =>
        r.parallel(
          () => r.query('select 1', { ms: 10 }),
          () => r.cpu(4),
        ),
      ),
    ).toEqual({
      cpu: 4,
      database: 6,
    });
  });

  it('tells what a call that held the thread did', () => {
    expect(
      partsOf((r) => {
        r.sync('fs.readFileSync', { ms: 2 });
        r.sync('crypto.pbkdf2Sync', { ms: 3 });
        r.parallel(
          () => r.cpu(4),
          () => r.query('select 1', { ms: 4, engine: 'sqlite' }),
        );
      }),
    ).toEqual({ file: 2, cpu: 3, database: 4 });
  });

  it('calls it queueing when the thread runs for others and nothing is waited for', () => {
    const queue = (r: RequestBuilder) => {
      r.cpu(1);
      r.pause(6);
      r.cpu(1);
    };
    expect(partsOf(queue, (builder) => builder.busy(1, 6))).toEqual({ cpu: 2, queueing: 6 });
    expect(
      partsOf(queue, (builder) => {
        builder.busy(1, 4);
        builder.collect(2, 1);
      }),
    ).toEqual({ cpu: 2, queueing: 3, gc: 1, other: 2 });
  });

  it('calls a collection in its own run garbage collection, and one during a wait nothing', () => {
    expect(
      partsOf(
        (r) => {
          r.cpu(5);
          r.query('select 1', { ms: 5 });
        },
        (builder) => {
          builder.collect(1, 2, 'major');
          builder.collect(6, 2);
        },
      ),
    ).toEqual({ cpu: 3, gc: 2, database: 5 });
  });

  it('calls the end of a wait queueing when the thread was busy and the call usually is faster', () => {
    const builder = traceBuilder();
    builder.requests(20, 'GET /', (r) => r.query('select 1', { ms: 2 }), 100);
    // One that was answered after 10 ms, 9 of which the thread was busy.
    builder.requests(1, 'GET /late', (r) => r.query('select 1', { ms: 10 }));
    builder.busy(2001, 9);
    const late = analyzeTrace(builder.build()).requests.at(-1);
    expect(late?.parts.database).toBeCloseTo(2000, 6);
    expect(late?.parts.queueing).toBeCloseTo(8000, 6);
    expect(late?.queuedUs[0]).toBeCloseTo(8000, 6);
  });

  it('does not wait for what goes on after the answer', () => {
    const builder = traceBuilder();
    builder.requests(1, 'GET /', (r) => r.cpu(10));
    const trace = builder.build();
    const [root] = trace.spans;
    if (root === undefined) throw new Error('no root');
    const late: Span = {
      ...root,
      id: 'late',
      parent: root.id,
      kind: 'outbound',
      startUs: 2000,
      endUs: 90_000,
    };
    const analysis = analyzeTrace({ ...trace, runs: [], spans: [root, late] });
    expect(analysis.requests[0]?.parts.outbound).toBe(0);
    expect(analysis.gaps.background).toBe(1);
  });
});

describe('the split of all requests', () => {
  it('weighs by time, and shows the median and the tail apart', () => {
    const builder = traceBuilder();
    builder.requests(198, 'GET /', (r) => r.cpu(10));
    builder.requests(2, 'GET /', (r) => r.query('select 1', { ms: 1000 }));
    const { split, splitP50, splitP99, coverage } = analyzeTrace(builder.build());
    expect(split.shares.cpu).toBeCloseTo(1980 / 3980, 9);
    expect(split.meanMs).toBeCloseTo(19.9, 9);
    expect(splitP50?.shares.cpu).toBe(1);
    expect(splitP99).toMatchObject({ requests: 2, meanMs: 1000 });
    expect(splitP99?.shares.database).toBe(1);
    expect(coverage).toBe(1);
  });

  it('of no requests, and of requests that took no time, is other', () => {
    const nothing = analyzeTrace(traceBuilder().build());
    expect(nothing).toMatchObject({ coverage: 0, splitP50: null, splitP99: null, totalUs: 0 });
    expect(nothing.split.shares.other).toBe(1);
    const builder = traceBuilder();
    builder.requests(3, 'GET /', () => undefined);
    expect(analyzeTrace(builder.build()).split).toMatchObject({ requests: 3, meanMs: 0 });
  });

  it('picks the requests of a percentile', () => {
    const builder = traceBuilder();
    builder.requests(100, 'GET /', (r, index) => r.pause(index + 1));
    const { requests } = analyzeTrace(builder.build());
    const msOf = (percentile: number) =>
      requestsAt(requests, percentile).map(({ durationUs }) => durationUs / 1000);
    expect(msOf(0.95).map(Math.round)).toEqual([96, 97, 98, 99, 100]);
    expect(msOf(0.99)).toHaveLength(1);
    const median = msOf(0.5);
    expect(Math.round(median[0] ?? 0)).toBe(41);
    expect(Math.round(median.at(-1) ?? 0)).toBe(61);
    expect(requestsAt([], 0.99)).toEqual([]);
  });
});

/** Anything a producer could send: unended spans, wrong and circular parents, overlaps, several threads and services. */
const KINDS: readonly SpanKind[] = [
  'request',
  'query',
  'outbound',
  'connect',
  'pool-wait',
  'timer',
  'dns',
  'file',
  'task',
  'sync',
  'internal',
];
const anySpan = fc.record({
  kind: fc.constantFrom(...KINDS),
  parent: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  trace: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  start: fc.integer({ min: 0, max: 1000 }),
  length: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
  thread: fc.integer({ min: 0, max: 1 }),
});
const stretch = fc.record({
  trace: fc.integer({ min: 0, max: 4 }),
  thread: fc.integer({ min: 0, max: 1 }),
  start: fc.integer({ min: 0, max: 1400 }),
  length: fc.integer({ min: 0, max: 200 }),
});
const anyTrace = fc
  .record({
    spans: fc.array(anySpan, { maxLength: 31 }),
    runs: fc.array(stretch, { maxLength: 20 }),
    collections: fc.array(stretch, { maxLength: 8 }),
    producer: fc.constantFrom('tracer' as const, 'otlp' as const),
  })
  .map(({ spans, runs, collections, producer }): Trace => {
    const times = ({ start, length }: { readonly start: number; readonly length: number }) => ({
      startUs: start,
      endUs: start + length,
    });
    return {
      spans: spans
        .map(({ kind, parent, trace, start, length, thread }, index): Span => ({
          id: `s${index}`,
          kind,
          name: 'fs.x',
          startUs: start,
          thread,
          failed: false,
          ...(length === undefined ? {} : { endUs: start + length }),
          ...(parent === undefined ? {} : { parent: `s${parent}` }),
          ...(trace === undefined ? {} : { trace: `t${trace}` }),
        }))
        .sort((a, b) => a.startUs - b.startUs),
      statements: [],
      sites: [],
      runs: runs.map((run) => ({ ...times(run), trace: `t${run.trace}`, thread: run.thread })),
      collections: collections.map((one) => ({ ...times(one), kind: 'minor' as const, thread: one.thread })),
      threads: [
        { name: 'a', service: 'a' },
        { name: 'b', service: 'b' },
      ],
      dropped: 0,
      producer,
    };
  });

describe('any trace', () => {
  it('is split into shares that add up, with nothing counted twice or below zero', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const { requests, split } = analyzeTrace(trace);
        for (const { parts, durationUs, waitedUs, queuedUs, spans } of requests) {
          const sum = SPLIT_PARTS.reduce((total, part) => total + parts[part], 0);
          expect(sum).toBeCloseTo(durationUs, 6);
          expect(Math.min(...SPLIT_PARTS.map((part) => parts[part]))).toBeGreaterThanOrEqual(0);
          let blamed = 0;
          for (const { index, startUs, endUs } of spans) {
            const lost = (waitedUs[index] ?? 0) + (queuedUs[index] ?? 0);
            expect(lost).toBeLessThanOrEqual(endUs - startUs + 1e-6);
            blamed += lost;
          }
          expect(blamed).toBeLessThanOrEqual(durationUs + 1e-6);
        }
        const shares = SPLIT_PARTS.map((part) => split.shares[part]);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps or counts each span, once', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const { requests, gaps } = analyzeTrace(trace);
        const kept = requests.flatMap(({ span, spans }) => [
          span.id,
          ...spans.map((traced) => traced.span.id),
        ]);
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.length + gaps.unended + gaps.unendedRequests + gaps.outside).toBe(trace.spans.length);
      }),
      { numRuns: 300 },
    );
  });

  it('waits no longer when the same waits are sent twice, side by side', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 8 }), (waits) => {
        const twice = [...waits, ...waits];
        const totalOf = (list: readonly (readonly [number, number])[]) =>
          partsOf((r) => {
            r.parallel(
              ...list.map(([after, ms]) => () => {
                r.pause(after);
                r.query('select 1', { ms });
              }),
            );
          })['database'] ?? 0;
        expect(totalOf(twice)).toBeCloseTo(totalOf(waits), 6);
      }),
      { numRuns: 100 },
    );
  });
});
