import { describe, expect, it } from 'vitest';
import { analyzeProfile } from '../../src/core/profile/analyze.ts';
import { renderDifference } from '../../src/render/difference-svg.ts';
import { analyzeRecorded } from '../core/detectors/recorded.ts';
import { tinyProfile } from '../core/profile/tiny-profile.ts';
import type { Stack } from '../core/profile/tiny-profile.ts';

const profile = (stacks: readonly Stack[]) => analyzeProfile(tinyProfile(stacks), ['/app']);
const rest: readonly Stack[] = [{ stack: 'handle@/app/a.js:1 > steady@/app/a.js:20', ms: 300 }];

/** Hue and lightness of the box of a function. */
function shadeOf(svg: string, name: string): readonly [hue: number, lightness: number] {
  const found = new RegExp(
    `<title>${name}[^<]*</title><rect [^>]*fill="hsl\\((\\d+), \\d+%, (\\d+)%\\)"`,
  ).exec(svg);
  if (found === null) throw new Error(`no box of ${name}`);
  return [Number(found[1]), Number(found[2])];
}

describe('renderDifference', () => {
  const before = profile([
    ...rest,
    { stack: 'handle@/app/a.js:1 > sorts@/app/a.js:30', ms: 600 },
    { stack: 'handle@/app/a.js:1 > removed@/app/a.js:40', ms: 100 },
  ]);
  const after = profile([
    ...rest,
    { stack: 'handle@/app/a.js:1 > sorts@/app/a.js:32', ms: 200 },
    { stack: 'handle@/app/a.js:1 > added@/app/a.js:50 > "<b>"@/app/a.js:51', ms: 500 },
  ]);
  const svg = renderDifference(before, after, { title: 'before & after' });

  it('is blue where a function shrank, red where one came, and grey where samples cannot tell', () => {
    expect(shadeOf(svg, 'sorts')[0]).toBe(212);
    expect(shadeOf(svg, '&quot;&lt;b&gt;&quot;')[0]).toBe(8);
    expect(shadeOf(svg, 'steady')).toEqual([0, 88]);
  });

  it('tells both shares and the interval, and names what is gone', () => {
    expect(svg).toMatch(/sorts[^<]*\n[^<]*\nown 60 % before, 20 % after, change \[/);
    expect(svg).toContain('gone: removed 10 %');
    expect(svg).toContain('before &amp; after');
    expect(svg).not.toContain('<b>');
  });

  it('of two recordings of one program shows no strong change', () => {
    const [plain, attribution] = [
      analyzeRecorded('sync-crypto', 'plain'),
      analyzeRecorded('sync-crypto', 'attribution'),
    ];
    const same = renderDifference(plain, plain, { title: 'same' });
    expect([...same.matchAll(/fill="hsl\((8|212),/g)]).toHaveLength(2); // the legend's
    expect(renderDifference(plain, attribution, { title: 'x' })).toBe(
      renderDifference(plain, attribution, { title: 'x' }),
    );
  });
});
