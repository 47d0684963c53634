import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, templateNames } from '../../../src/core/load/templates.ts';
import type { TemplatePlace } from '../../../src/core/load/templates.ts';

function render(text: string, place: TemplatePlace, values: Readonly<Record<string, unknown>>): string {
  return compileTemplate(text, place)((name) => values[name]);
}

describe('templates', () => {
  it('names what stands between double braces, each once', () => {
    expect(templateNames('/a/{{id}}/{{ id }}?q={{user.name}}&x={y}&z={{9}}&{{}}')).toEqual([
      'id',
      'user.name',
    ]);
  });

  it('leaves text without templates as it is', () => {
    expect(render('/a?b={c}', 'path', {})).toBe('/a?b={c}');
    expect(render('', 'text', {})).toBe('');
  });

  it('keeps a value in its segment of a path', () => {
    expect(render('/users/{{id}}/{{id}}?q={{q}}', 'path', { id: 'a/b', q: 'x&y=1' })).toBe(
      '/users/a%2Fb/a%2Fb?q=x%26y%3D1',
    );
  });

  it('takes a path that a template begins with as a path, and never another host', () => {
    expect(render('{{next}}', 'path', { next: '/orders/7?a=1#top' })).toBe('/orders/7?a=1');
    expect(render('{{next}}/items', 'path', { next: 'https://192.0.2.1/orders/7' })).toBe('/orders/7/items');
    expect(render('{{next}}', 'path', { next: 'orders' })).toBe('/orders');
  });

  it('writes other values than text as JSON', () => {
    expect(render('n={{n}} o={{o}} l={{l}}', 'text', { n: 7, o: { a: 1 }, l: null })).toBe(
      'n=7 o={"a":1} l=null',
    );
    expect(render('Bearer {{token}}', 'header', { token: 'abc' })).toBe('Bearer abc');
  });

  it('gives a whole string in JSON the type of the value', () => {
    const text = JSON.stringify({ n: '{{n}}', list: ['{{o}}'], both: 'a {{n}} b', '{{k}}': 1 });
    const rendered: unknown = JSON.parse(render(text, 'json', { n: 7, o: { a: null }, k: 'key' }));
    expect(rendered).toEqual({ n: 7, list: [{ a: null }], both: 'a 7 b', key: 1 });
  });

  it('gives valid JSON whatever stands around a template and in its value', () => {
    const around = fc.string({ unit: fc.constantFrom('"', '\\', ':', ',', '{', ' ', 'a', '\n') });
    fc.assert(
      fc.property(around, around, fc.string(), (before, after, value) => {
        const body = { text: `${before}{{x}}${after}`, key: [`{{x}}`] };
        // A brace beside the template would make other templates of it.
        fc.pre(!before.endsWith('{'));
        const rendered: unknown = JSON.parse(render(JSON.stringify(body), 'json', { x: value }));
        expect(rendered).toEqual({ text: `${before}${value}${after}`, key: [value] });
      }),
      { numRuns: 500, seed: 5 },
    );
  });
});
