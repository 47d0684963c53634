import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutAxis } from '../../src/render/plot-axis.ts';
import { type Plot, renderPlot } from '../../src/render/plot-svg.ts';

const PLOT: Plot = {
  title: 'throughput over connections',
  x: { label: 'connections', scale: 'linear' },
  y: { label: 'throughput', scale: 'linear', unit: 'per_second' },
  series: [
    {
      name: 'measured',
      draw: 'points',
      points: [
        { x: 1, y: 100, interval: [90, 110], tooltip: 'one' },
        { x: 8, y: 400, interval: null },
      ],
    },
    {
      name: 'law',
      draw: 'line',
      points: [
        { x: 1, y: 100 },
        { x: 4, y: 300 },
        { x: 8, y: 400 },
      ],
    },
  ],
};

interface Circle {
  readonly x: number;
  readonly y: number;
}

/** Circles of points, which stand in groups; the legend's do not. */
function circles(svg: string): readonly Circle[] {
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*\/><\/g>/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

function texts(svg: string): readonly string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, content = '']) => content);
}

describe('renderPlot', () => {
  it('places points to scale, larger values higher and further right, from a 0 that is on the axis', () => {
    const [low, high] = circles(renderPlot(PLOT));
    expect(high?.x).toBeGreaterThan(low?.x ?? Infinity);
    expect(high?.y).toBeLessThan(low?.y ?? 0);
    // The lower edge of the area is 0: distances from it are as 100 to 400.
    const bottom = 460 - 54;
    expect((bottom - (high?.y ?? 0)) / (bottom - (low?.y ?? 0))).toBeCloseTo(4, 2);
  });

  it('draws equal factors as equal distances on a logarithmic axis', () => {
    const [a, b, c] = circles(
      renderPlot({
        ...PLOT,
        x: { label: 'size', scale: 'log' },
        y: { label: 'time', scale: 'log', unit: 'ms' },
        series: [
          {
            name: 'measured',
            draw: 'points',
            points: [
              { x: 10, y: 0.01 },
              { x: 100, y: 1 },
              { x: 1000, y: 100 },
            ],
          },
        ],
      }),
    );
    expect((b?.x ?? 0) - (a?.x ?? 0)).toBeCloseTo((c?.x ?? 0) - (b?.x ?? 0), 1);
    expect((a?.y ?? 0) - (b?.y ?? 0)).toBeCloseTo((b?.y ?? 0) - (c?.y ?? 0), 1);
  });

  it('names axes, series, units, marks and what failed', () => {
    const svg = renderPlot({
      ...PLOT,
      note: 'contention 0.05',
      marks: [{ x: 6, label: 'peak 6' }],
      failed: [{ x: 16, why: '16: never ready' }],
    });
    for (const wanted of [
      'connections',
      'throughput',
      'measured',
      'law',
      'contention 0.05',
      'peak 6',
      '200 /s',
      'no sample',
    ])
      expect(texts(svg)).toContain(wanted);
    expect(svg).toContain('<title>16: never ready</title>');
    expect(svg).toContain('<title>one</title>');
    expect(texts(renderPlot(PLOT))).not.toContain('no sample');
  });

  it('draws an interval with a cap at each end, and without one where the axis cannot reach it', () => {
    const withInterval = (interval: readonly [number, number]) =>
      renderPlot({
        ...PLOT,
        y: { label: 'time', scale: 'log' },
        series: [
          {
            name: 'measured',
            draw: 'points',
            points: [
              { x: 1, y: 10, interval },
              { x: 2, y: 20 },
            ],
          },
        ],
      });
    const bar = (svg: string) => /<g><path d="(M[^"]+)"/.exec(svg)?.[1] ?? '';
    expect(bar(withInterval([8, 12])).match(/H/g)).toHaveLength(2);
    expect(bar(withInterval([0, 12])).match(/H/g)).toHaveLength(1);
  });

  it('counts what a logarithmic axis cannot show', () => {
    const svg = renderPlot({
      ...PLOT,
      y: { label: 'time', scale: 'log' },
      series: [
        {
          name: 'measured',
          draw: 'points',
          points: [
            { x: 1, y: 0 },
            { x: 2, y: -1 },
            { x: 3, y: 5 },
          ],
        },
      ],
    });
    expect(circles(svg)).toHaveLength(1);
    expect(texts(svg)).toContain('2 not shown: 0 or less');
  });

  it('escapes every text, and has no script, link or style', () => {
    const evil = '</text><script>alert("x")</script>&';
    const svg = renderPlot({
      title: evil,
      note: evil,
      x: { label: evil, scale: 'linear', ticks: [{ at: 1, label: evil }] },
      y: { label: evil, scale: 'linear' },
      series: [{ name: evil, draw: 'points', points: [{ x: 1, y: 1, tooltip: evil }] }],
      marks: [{ x: 1, label: evil }],
      failed: [{ x: 1, why: evil }],
    });
    expect(svg).not.toMatch(/<script|href=|\son\w+=|url\(|<style/i);
    expect(svg.match(/&lt;\/text&gt;/g)?.length).toBeGreaterThanOrEqual(8);
  });

  it('says when there is nothing to draw', () => {
    expect(texts(renderPlot({ ...PLOT, series: [] }))).toContain('No point was measured.');
    expect(renderPlot({ ...PLOT, series: [] })).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('keeps every coordinate inside the picture whatever the numbers are', () => {
    const value = fc.oneof(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-9, max: 1e-3, noNaN: true }),
      fc.constant(0),
    );
    const scale = fc.constantFrom('linear' as const, 'log' as const);
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: value, y: value }), { maxLength: 8 }),
        scale,
        scale,
        (points, xScale, yScale) => {
          const svg = renderPlot({
            ...PLOT,
            x: { label: 'x', scale: xScale },
            y: { label: 'y', scale: yScale },
            series: [{ name: 'measured', draw: 'points', points }],
          });
          expect(svg).not.toMatch(/NaN|Infinity|undefined/);
          for (const { x, y } of circles(svg)) {
            expect(x).toBeGreaterThanOrEqual(84);
            expect(x).toBeLessThanOrEqual(732);
            expect(y).toBeGreaterThanOrEqual(88);
            expect(y).toBeLessThanOrEqual(406);
          }
        },
      ),
    );
  });
});

describe('layOutAxis', () => {
  it('counts in steps of 1, 2 or 5', () => {
    const labels = (values: readonly number[], scale: 'linear' | 'log' = 'linear') =>
      layOutAxis({ label: 'x', scale }, values, 6).ticks.map(({ label }) => label);
    expect(labels([1, 64])).toEqual(['0', '20', '40', '60']);
    // One value, or as good as one: room to both sides.
    expect(labels([100, 100 * (1 + 1e-15)], 'log')).toContain('100');
    expect(labels([3, 9])).toEqual(['0', '2', '4', '6', '8']);
    expect(labels([1, 10], 'log')).toEqual(['1', '2', '5', '10']);
    expect(labels([500, 64_000], 'log')).toEqual(['1000', '10000']);
  });
});
