import { describe, expect, it } from 'vitest';
import { analyzeProfile } from '../../src/core/profile/analyze.ts';
import { escapeXml } from '../../src/render/escape-xml.ts';
import { renderFlamegraph } from '../../src/render/flamegraph-svg.ts';
import { RECORDED_PROGRAMS, analyzeRecorded } from '../core/detectors/recorded.ts';
import { tinyProfile } from '../core/profile/tiny-profile.ts';
import type { Stack } from '../core/profile/tiny-profile.ts';

const draw = (stacks: readonly Stack[], maxDepth?: number) =>
  renderFlamegraph(analyzeProfile(tinyProfile(stacks), ['/app']), {
    title: 'test',
    width: 1020,
    ...(maxDepth === undefined ? {} : { maxDepth }),
  });

interface Drawn {
  readonly tooltip: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly fill: string;
}

function boxes(svg: string): readonly Drawn[] {
  const pattern =
    /<g><title>([^<]*)<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="\d+" fill="([^"]+)"/g;
  return [...svg.matchAll(pattern)].map(([, tooltip = '', x, y, width, fill = '']) => ({
    tooltip,
    x: Number(x),
    y: Number(y),
    width: Number(width),
    fill,
  }));
}

const find = (svg: string, name: string) => boxes(svg).find(({ tooltip }) => tooltip.startsWith(name));

describe('renderFlamegraph', () => {
  it('draws busy time to scale, callers above callees, without idle', () => {
    const svg = draw([
      { stack: '(idle)', ms: 1000 },
      { stack: 'a@/app/a.js:1', ms: 20 },
      { stack: 'a@/app/a.js:1 > b@/app/b.js:7', ms: 60 },
      { stack: '(garbage collector)', ms: 20 },
    ]);
    expect(find(svg, 'a')).toMatchObject({ x: 10, width: 800 });
    expect(find(svg, 'b')).toMatchObject({
      x: 10,
      width: 600,
      tooltip: 'b b.js:7\n60 % of busy time, self 60 %',
    });
    expect(find(svg, '(garbage')).toMatchObject({ x: 810, width: 200 });
    expect(find(svg, 'b')?.y).toBeGreaterThan(find(svg, 'a')?.y ?? Infinity);
    expect(svg).not.toContain('(idle)');
  });

  it('colours by who can change the code', () => {
    const svg = draw([
      { stack: 'mine@/app/a.js:1', ms: 25 },
      { stack: 'theirs@/app/node_modules/x/a.js:1', ms: 25 },
      { stack: 'runtime@node:fs:1', ms: 25 },
      { stack: '(garbage collector)', ms: 25 },
    ]);
    const hues = ['mine', 'theirs', 'runtime', '(garbage'].map(
      (name) => /^hsl\((\d+)/.exec(find(svg, name)?.fill ?? '')?.[1],
    );
    expect(new Set(hues).size).toBe(4);
    expect(hues).not.toContain(undefined);
  });

  it('prunes what cannot be seen and cuts at the depth limit', () => {
    const svg = draw([
      { stack: 'big@/app/a.js:1', ms: 9997 },
      { stack: 'tiny@/app/b.js:1', ms: 3 },
    ]);
    expect(find(svg, 'tiny')).toBeUndefined();
    const deep = Array.from({ length: 80 }, (_, level) => `f${level}@/app/a.js:${level + 1}`).join(' > ');
    expect(boxes(draw([{ stack: deep, ms: 10 }]))).toHaveLength(50);
    expect(boxes(draw([{ stack: deep, ms: 10 }], 7))).toHaveLength(7);
  });

  it('folds chains of a framework, but never the project', () => {
    const svg = draw([
      {
        stack:
          'emit@node:events:1 > run@/app/node_modules/fw/a.js:1 > next@/app/node_modules/fw/b.js:1 > mine@/app/a.js:1 > alsoMine@/app/b.js:1',
        ms: 100,
      },
    ]);
    expect(boxes(svg).map(({ tooltip }) => tooltip.split(' ')[0])).toEqual(['next', 'mine', 'alsoMine']);
    expect(find(svg, 'next')?.tooltip).toContain('through emit › run');
  });

  it('escapes names of the measured program', () => {
    const evil = '<script>alert("x")</script>&\u0000\'';
    const svg = draw([{ stack: `${evil}@/app/a.js:1`, ms: 10 }]);
    expect(svg).not.toMatch(/<script/i);
    expect(svg).not.toContain('\u0000');
    expect(svg).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;');
    expect(renderFlamegraph(analyzeProfile(tinyProfile([])), { title: evil })).not.toMatch(/<script/i);
    expect(escapeXml('a\u0008b\uD800c\n')).toBe('abc\n');
  });

  it('says when there is nothing to draw', () => {
    expect(draw([{ stack: '(idle)', ms: 10 }])).toContain('No busy time');
  });

  it.each(RECORDED_PROGRAMS)(
    '%s: well-formed, within its bounds, small and the same each time',
    (program) => {
      const analysis = analyzeRecorded(program, 'attribution');
      const svg = renderFlamegraph(analysis, { title: program });
      expect(renderFlamegraph(analyzeRecorded(program, 'attribution'), { title: program })).toBe(svg);
      expect(svg.length).toBeLessThan(100_000);
      expect(svg).not.toMatch(/<script|href=|\son\w+=|url\(/i);
      const opened = [...svg.matchAll(/<(\w+)(?=[\s>])[^>]*?(\/?)>/g)].filter(
        ([, , selfClosing]) => selfClosing === '',
      );
      expect(opened.length).toBe([...svg.matchAll(/<\/\w+>/g)].length);
      const rows = new Map<number, Drawn[]>();
      for (const box of boxes(svg)) {
        expect(box.width).toBeGreaterThanOrEqual(0.4);
        expect(box.x + box.width).toBeLessThanOrEqual(1190.1);
        rows.set(box.y, [...(rows.get(box.y) ?? []), box]);
      }
      for (const row of rows.values()) {
        const ordered = row.toSorted((a, b) => a.x - b.x);
        ordered.slice(1).forEach((box, index) => {
          const before = ordered[index];
          expect(box.x).toBeGreaterThanOrEqual((before?.x ?? 0) + (before?.width ?? 0) - 0.05);
        });
      }
    },
  );
});
