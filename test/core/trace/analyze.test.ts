import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import type { Span, Trace } from '../../../src/core/trace/model.ts';
import { traceBuilder } from '../../support/trace-builder.ts';

function span(id: string, startUs: number, endUs: number | undefined, more: Partial<Span> = {}): Span {
  return {
    id,
    trace: 't',
    kind: 'internal',
    name: id,
    startUs,
    thread: 0,
    failed: false,
    ...(endUs === undefined ? {} : { endUs }),
    ...more,
  };
}

function traceOf(spans: readonly Span[], change: Partial<Trace> = {}): Trace {
  return traceBuilder().build({ spans, ...change });
}

const root = span('root', 0, 1000, { kind: 'request' });

describe('requests grown from spans', () => {
  it('are a tree, parents before children', () => {
    const { requests, gaps } = analyzeTrace(
      traceOf([
        root,
        span('b', 500, 900, { parent: 'root' }),
        span('b1', 600, 700, { parent: 'b' }),
        span('a', 100, 400, { parent: 'root' }),
      ]),
    );
    expect(requests).toHaveLength(1);
    expect(requests[0]?.spans.map((one) => [one.span.id, one.depth, one.parent?.span.id])).toEqual([
      ['a', 0, undefined],
      ['b', 0, undefined],
      ['b1', 1, 'b'],
    ]);
    expect(gaps).toEqual({
      unendedRequests: 0,
      unended: 0,
      orphans: 0,
      outside: 0,
      skewed: 0,
      background: 0,
      dropped: 0,
    });
  });

  it('leave out what never ended, and keep what stands below it', () => {
    const { requests, gaps } = analyzeTrace(
      traceOf([
        root,
        span('open', 100, undefined, { parent: 'root' }),
        span('in', 200, 300, { parent: 'open' }),
      ]),
    );
    expect(requests[0]?.spans.map((one) => [one.span.id, one.depth])).toEqual([['in', 0]]);
    expect(gaps).toMatchObject({ unended: 1, orphans: 0 });
  });

  it('count requests that never ended, orphans, circles and spans of no request', () => {
    const timer: Span = {
      id: 'timer',
      kind: 'internal',
      name: 'timer',
      startUs: 0,
      endUs: 10,
      thread: 0,
      failed: false,
    };
    const { requests, gaps } = analyzeTrace(
      traceOf([
        root,
        span('lost', 100, 200, { parent: 'not kept' }),
        span('x', 300, 400, { parent: 'y' }),
        span('y', 300, 400, { parent: 'x' }),
        span('open', 0, undefined, { trace: 'u', kind: 'request' }),
        span('of open', 0, 10, { trace: 'u', parent: 'open' }),
        span('of nothing', 0, 10, { trace: 'v' }),
        timer,
      ]),
    );
    expect(requests).toHaveLength(1);
    expect(requests[0]?.spans).toHaveLength(3);
    expect(gaps).toMatchObject({ unendedRequests: 1, orphans: 3, outside: 3 });
  });

  it('move a span whose clock disagrees into its parent, with what stands below it', () => {
    const two = {
      producer: 'otlp' as const,
      threads: [
        { name: 'a', service: 'a' },
        { name: 'b', service: 'b' },
      ],
    };
    const { requests, gaps } = analyzeTrace(
      traceOf(
        [
          root,
          span('call', 200, 800, { parent: 'root', kind: 'outbound' }),
          span('served', 50_200, 50_600, { parent: 'call', kind: 'request', thread: 1 }),
          span('query', 50_300, 50_500, { parent: 'served', kind: 'query', thread: 1 }),
          span('long', 90_000, 99_000, { parent: 'call', thread: 1 }),
        ],
        two,
      ),
    );
    const times = requests[0]?.spans.map((one) => [one.span.id, one.startUs, one.endUs]);
    expect(times).toEqual([
      ['call', 200, 800],
      ['served', 300, 700],
      ['query', 400, 600],
      ['long', 200, 800],
    ]);
    expect(gaps).toMatchObject({ skewed: 2, background: 0 });
    expect(requests[0]?.parts).toMatchObject({ outbound: 400, database: 200, other: 400 });
  });

  it('name files as findings do', () => {
    const builder = traceBuilder();
    builder.requests(1, 'GET /', (r) => {
      r.query('select 1', { ms: 1, site: 'list@/app/src/list.js:7' });
      r.query('select 2', { ms: 1, site: 'run@/app/node_modules/orm/run.js:9' });
    });
    const analysis = analyzeTrace(builder.build(), ['/app']);
    const sites = analysis.trace.spans.flatMap((one) => analysis.siteOf(one) ?? []);
    expect(sites.map(({ shownFile, package: owner }) => [shownFile, owner])).toEqual([
      ['src/list.js', undefined],
      ['node_modules/orm/run.js', 'orm'],
    ]);
  });
});
