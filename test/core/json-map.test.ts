import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineAndColumn, mapJson } from '../../src/core/json-map.ts';

describe('mapJson', () => {
  test('accepts what JSON.parse accepts and refuses what it refuses', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', ':', '\\', '0', ' ', '\u0001', 'é'))
      .map(([text, at, piece]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place + (at % 2));
      });
    fc.assert(
      fc.property(broken, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(mapJson(text).fault === undefined).toBe(valid);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  test.each([
    ['{"a": 1,}', 9, 'no comma after the last'],
    ['{"a": 1 "b": 2}', 9, '"," or "}"'],
    ['{\n  // hi\n}', 5, 'no comment'],
    ["{'a': 1}", 2, 'double quotes'],
    ['{"a": }', 7, 'a value'],
    ['[1] x', 5, 'the end of the file'],
    ['', 1, 'a value'],
    ['{"a": "x', 7, 'a string that ends'],
  ])('%j fails at offset+1 %i: %s', (text, place, expected) => {
    const { fault } = mapJson(text);
    expect(fault).toEqual({ offset: place - 1, expected: expect.stringContaining(expected) as string });
  });

  test('knows where each value stands', () => {
    const text = '{\n  "a": [\n    {"b": 1},\n    "x"\n  ]\n}\n';
    const map = mapJson(text);
    const at = (path: readonly PropertyKey[]) => lineAndColumn(text, map.offsetOf(path) ?? -1);
    expect(at(['a'])).toEqual({ line: 2, column: 3 });
    expect(at(['a', 0, 'b'])).toEqual({ line: 3, column: 6 });
    expect(at(['a', 1])).toEqual({ line: 4, column: 5 });
    expect(map.offsetOf(['z'])).toBeUndefined();
  });

  test('does not run out of stack', () => {
    expect(mapJson('['.repeat(100_000)).fault?.expected).toContain('levels');
  });
});
