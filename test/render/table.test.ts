import { describe, expect, it } from 'vitest';
import { renderTable, shorten } from '../../src/render/table.ts';

describe('renderTable', () => {
  it('aligns columns and keeps Markdown', () => {
    expect(
      renderTable(
        [{ title: 'function' }, { title: 'own', align: 'right' }],
        [
          ['render', '45 %'],
          ['naïve…', '9.5 %'],
        ],
      ),
    ).toBe(
      ['| function |   own |', '|----------|------:|', '| render   |  45 % |', '| naïve…   | 9.5 % |'].join(
        '\n',
      ),
    );
  });

  it('keeps foreign names from breaking out of their cell', () => {
    const [, , row] = renderTable([{ title: 'x' }], [['a|b\nc\u001b[31m\u202ed']]).split('\n');
    expect(row).toBe('| a¦b c [31m d |');
  });

  it('fills short rows and cuts long cells in the middle', () => {
    expect(renderTable([{ title: 'a' }, { title: 'b' }], [['1']]).split('\n')[2]).toBe('| 1   |     |');
    expect(shorten('/very/long/path/to/some/file.js', 16)).toBe('/very…me/file.js');
    expect(shorten('short', 16)).toBe('short');
    expect(Array.from(shorten('😀'.repeat(40), 10))).toHaveLength(10);
  });
});
