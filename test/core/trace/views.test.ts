import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import { chooseRequest, viewOutbound, viewStatements, viewTimeline } from '../../../src/core/trace/views.ts';
import { traceBuilder } from '../../support/trace-builder.ts';

function feed() {
  const builder = traceBuilder();
  builder.requests(10, 'GET /feed', (r, index) => {
    r.cpu(1);
    r.query('select posts', { ms: 5, rows: 20, site: 'list@/app/src/feed.js:1' });
    for (let i = 0; i < 6; i++)
      r.query('select user', { ms: 1 + (index === 9 ? 9 : 0), site: 'user@/app/src/feed.js:3' });
    r.call('outbound', 'GET http://b/', {
      ms: 4,
      failed: index === 0,
      inside: () => r.call('connect', 'b', { ms: 1 }),
    });
  });
  builder.requests(1, 'GET /other', (r) => r.query('select user', { ms: 2 }));
  return analyzeTrace(builder.build(), ['/app']);
}

describe('views of a trace', () => {
  it('choose a request', () => {
    const analysis = feed();
    expect(chooseRequest(analysis, 'slowest')?.durationUs).toBeCloseTo(70_000, 6);
    expect(chooseRequest(analysis, 'median')?.durationUs).toBeCloseTo(16_000, 6);
    expect(chooseRequest(analysis, { name: '/OTHER' })?.span.name).toBe('GET /other');
    expect(chooseRequest(analysis, { name: analysis.requests[0]?.trace ?? '' })).toBe(analysis.requests[0]);
    expect(chooseRequest(analysis, { name: 'nothing' })).toBeUndefined();
  });

  it('show one over time, equal neighbours in one row', () => {
    const analysis = feed();
    const request = chooseRequest(analysis, 'median');
    if (request === undefined) throw new Error('no request');
    const timeline = viewTimeline(analysis, request);
    expect(timeline).toMatchObject({ name: 'GET /feed', left: 0 });
    expect(timeline.parts[0]).toMatchObject({ part: 'database' });
    expect(timeline.parts[0]?.ms).toBeCloseTo(11, 6);
    expect(timeline.rows.map(({ kind, count, depth, site }) => [kind, count, depth, site])).toEqual([
      ['query', 1, 0, 'list (src/feed.js:1)'],
      ['query', 6, 0, 'user (src/feed.js:3)'],
      ['outbound', 1, 0, null],
      ['connect', 1, 1, null],
    ]);
    expect(timeline.rows[1]?.startMs).toBeCloseTo(6, 6);
    expect(timeline.rows[1]?.endMs).toBeCloseTo(12, 6);
    expect(timeline.rows[2]?.waitedMs).toBeCloseTo(3, 6);
    expect(timeline.runs).toHaveLength(1);
    const short = viewTimeline(analysis, request, 2);
    expect(short.left).toBe(2);
    expect(short.rows.map(({ count }) => count)).toEqual([1, 6]);
  });

  it('sum statements and outbound calls up', () => {
    const analysis = feed();
    const [user, posts] = viewStatements(analysis);
    expect(user).toMatchObject({
      label: 'select user',
      calls: 61,
      requests: 11,
      site: 'user (src/feed.js:3)',
    });
    expect(user?.totalMs).toBeCloseTo(9 * 6 + 60 + 2, 6);
    expect(posts).toMatchObject({ label: 'select posts', perRequest: 1, meanRows: 20, failed: 0 });
    expect(posts?.p95Ms).toBeCloseTo(5, 6);
    const calls = viewOutbound(analysis);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ label: 'GET http://b/', calls: 10, failed: 1, fingerprint: null });
    expect(viewStatements(analyzeTrace(traceBuilder().build()))).toEqual([]);
  });
});
