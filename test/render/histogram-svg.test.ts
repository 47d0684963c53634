import { describe, expect, it } from 'vitest';
import { toLatencyBuckets } from '../../src/core/stats/latency-buckets.ts';
import { renderHistogram } from '../../src/render/histogram-svg.ts';

const buckets = toLatencyBuckets([
  { ms: 2, count: 900 },
  { ms: 2.6, count: 450 },
  { ms: 400, count: 1 },
]);

interface Bar {
  readonly told: string;
  readonly x: number;
  readonly height: number;
}

function barsOf(svg: string): readonly Bar[] {
  return [
    ...svg.matchAll(
      /<g><title>([^<]*)<\/title><rect x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="([\d.]+)"/g,
    ),
  ].map(([, told = '', x, height]) => ({ told, x: Number(x), height: Number(height) }));
}

describe('renderHistogram', () => {
  const marks = [
    { ms: 2.1, label: 'p50' },
    { ms: 400, label: 'max' },
    { ms: 9000, label: 'target' },
  ];
  const svg = renderHistogram({ title: 'Latencies of a<b', buckets, marks });

  it('draws shares to scale, and one slow request so that it is seen', () => {
    const [fast, slower, slow, ...more] = barsOf(svg);
    expect(more).toEqual([]);
    expect((fast?.height ?? 0) / (slower?.height ?? 1)).toBeCloseTo(2, 1);
    expect(slow?.height).toBeGreaterThanOrEqual(1);
    expect(slow?.x).toBeGreaterThan((slower?.x ?? 0) * 3);
    expect(fast?.told).toContain('900 requests, 67 %');
  });

  it('marks percentiles in the distribution and nothing outside of it', () => {
    expect(svg).toMatch(/p50 2\.1 ms/);
    expect(svg).toMatch(/max 400 ms/);
    expect(svg).not.toContain('target');
  });

  it('escapes names, has no script, and is the same for the same numbers', () => {
    expect(svg).toContain('Latencies of a&lt;b');
    expect(svg).not.toContain('<script');
    expect(renderHistogram({ title: 'Latencies of a<b', buckets, marks })).toBe(svg);
  });

  it('says when nothing was measured', () => {
    const empty = renderHistogram({ title: 'x', buckets: [], marks: [{ ms: 1, label: 'p50' }] });
    expect(empty).toContain('No latency was measured.');
    expect(empty).not.toMatch(/NaN|Infinity/);
  });
});
