import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findErrorKinds } from '../../scripts/error-kinds.ts';
import { findStale } from '../../scripts/generated-files.ts';
import { renderToolsDoc } from '../../scripts/generate-docs.ts';
import { nameType } from '../../scripts/schema-words.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { TOOLS } from '../../src/tools/index.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

it('calls a file stale when its text differs or it is missing', async () => {
  const root = await temporaryDirectory();
  mkdirSync(join(root, 'docs'));
  writeFileSync(join(root, 'docs', 'same.md'), 'text\n');
  writeFileSync(join(root, 'docs', 'other.md'), 'old\n');
  const files = { 'docs/same.md': 'text\n', 'docs/other.md': 'new\n', 'docs/none.md': '' };
  expect(findStale(files, root)).toEqual(['docs/other.md', 'docs/none.md']);
});

it('describes every tool with its arguments, and the values that texts have are left open', () => {
  const text = renderToolsDoc();
  for (const tool of TOOLS) {
    const section = text.split(`### ${tool.name}\n`)[1]?.split('\n#')[0] ?? '';
    for (const name of Object.keys(tool.input.shape)) expect(section).toContain(`\`${name}\``);
    expect(section).toContain(tool.description);
  }
  expect(text).toContain('| **`experiment_id`** | text |');
  expect(text).toContain('… blocks are too few');
  expect(text).not.toMatch(/\bNaN\b|undefined|\[object/);
  expect(text).toContain('Usage: deep-optimize check');
});

it('reads which kinds of error are made with a code', async () => {
  const folder = await temporaryDirectory();
  writeFileSync(join(folder, 'a.ts'), "throw new InputError('busy', 'x');\nnew TargetError(\n  'busy',\n");
  const kinds = findErrorKinds(folder);
  expect([...(kinds.get('busy') ?? [])]).toEqual(['input', 'target']);
  // Every kind of the real sources belongs to a code of the table.
  const real = findErrorKinds(join(import.meta.dirname, '..', '..', 'src'));
  expect(Object.keys(ERROR_CODES)).toEqual(expect.arrayContaining([...real.keys()]));
});

it('names types in words', () => {
  expect(nameType({ type: 'integer', minimum: 1, maximum: 50 })).toBe('integer, 1 to 50');
  expect(
    nameType({ type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  ).toBe('integer');
  expect(nameType({ type: 'array', items: { type: 'object', properties: { a: {}, b: {} } } })).toBe(
    'list of {a, b}',
  );
  expect(nameType({ anyOf: [{ enum: ['x', 'y'] }, { type: 'null' }] })).toBe('x / y or null');
});
