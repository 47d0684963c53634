import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAddedLines } from '../../../src/core/integrity/added-lines.ts';
import { findReviewFlags } from '../../../src/core/integrity/review-flags.ts';

/** As git writes it, of one new file or of lines put after the first one of an old file. */
const patchOf = (file: string, lines: readonly string[]): string =>
  [
    `diff --git a/${file} b/${file}`,
    'index 1111111..2222222 100644',
    `--- a/${file}`,
    `+++ b/${file}`,
    `@@ -10,2 +10,${lines.length + 2} @@ function around() {`,
    ' before',
    ...lines.map((line) => `+${line}`),
    ' after',
    '',
  ].join('\n');

const flagsOf = (line: string, literals: readonly string[] = [], file = 'src/shop.mjs') =>
  findReviewFlags({ patch: patchOf(file, [line]), files: [file], inputs: [], literals }).map(
    ({ kind, line: at }) => `${kind}:${at ?? 'file'}`,
  );

describe('lines that a diff adds', () => {
  it('have their place in the new file', () => {
    expect(findAddedLines(patchOf('src/a b.js', ['one', 'two']))).toEqual([
      { file: 'src/a b.js', line: 11, text: 'one' },
      { file: 'src/a b.js', line: 12, text: 'two' },
    ]);
  });

  it('may look like the head of a file', () => {
    expect(
      findAddedLines(patchOf('src/a.js', ['++ b/src/other.js', '@@ -1 +1 @@'])).map(({ file }) => file),
    ).toEqual(['src/a.js', 'src/a.js']);
  });

  it('have names that git quotes', () => {
    const patch = patchOf('x', ['one']).replace(
      '+++ b/x',
      '+++ "b/src/gr\\303\\266\\303\\237e \\"neu\\".js"',
    );
    expect(findAddedLines(patch)[0]?.file).toBe('src/größe "neu".js');
  });

  it('are found whatever the text is', () => {
    fc.assert(
      fc.property(fc.array(fc.string().filter((line) => !/[\n\r]/.test(line))), (lines) => {
        expect(findAddedLines(patchOf('a.js', lines)).map(({ text }) => text)).toEqual(lines);
      }),
    );
  });
});

describe('reasons to look at a change', () => {
  it.each([
    ["  if (process.env.NODE_ENV === 'test') return 1;", 'runtime-mode'],
    ['  Date.now = () => 0;', 'clock'],
    ['globalThis.setTimeout = (f) => f();', 'clock'],
    ['  vi.useFakeTimers();', 'clock'],
    ['const seen = new Map();', 'cache'],
    ['export const answers: Map<string, string> = new Map();', 'cache'],
    ["import { LRUCache } from 'lru-cache';", 'cache'],
    ['  const value = memoize(load);', 'cache'],
    ['@functools.lru_cache(maxsize=None)', 'cache'],
    ['  writeFileSync(file, JSON.stringify(result));', 'state-on-disk'],
    ['  const place = join(tmpdir(), key);', 'state-on-disk'],
    ["  db = new Database('/tmp/results.db');", 'state-on-disk'],
    ['    with open(path, "wb") as file:', 'state-on-disk'],
    ['    seen.write_bytes(pickle.dumps(result))', 'state-on-disk'],
    ['  globalThis.lastAnswer = answer;', 'global-state'],
    ['let hits = 0;', 'global-state'],
    ['const known = {};', 'global-state'],
    ["const catalogue = JSON.parse(readFileSync('data.json', 'utf8'));", 'import-time-work'],
    ['for (const item of items) prepare(item);', 'import-time-work'],
  ])('%s is one: %s', (line, kind) => {
    expect(flagsOf(line)).toContain(`${kind}:11`);
  });

  it.each([
    ["  if (request.url === '/posts?page=1') return answer;", '/posts?page=1'],
    ['    case "a@example.com":', 'a@example.com'],
    ['  if (size === 3200) return precomputed;', '3200'],
  ])('%s, an input of the workload', (line, literal) => {
    expect(flagsOf(line, [literal])).toContain('input-fast-path:11');
    expect(flagsOf(line, ['/other', '77777'])).not.toContain('input-fast-path:11');
  });

  it.each([
    '  const byId = new Map(rows.map((row) => [row.id, row]));',
    '  const memory = process.memoryUsage();',
    '  for (const row of rows) total += row.price;',
    '  let total = 0;',
    "  const text = await readFile(file, 'utf8');",
    '    with open(path) as file:',
    "  response.write('done');",
    '  return rows.filter((row) => row.id === wanted);',
    '  // Date.now = () => 0; a cache would be wrong here',
    'export function now() { return Date.now(); }',
    '  if (size === 1) return one;',
  ])('%s is none', (line) => {
    expect(flagsOf(line, ['1', 'id'])).toEqual([]);
  });

  it.each([
    ['test/shop.test.mjs', 'tests'],
    ['bench/args.ts', 'benchmark'],
    ['.deep-optimize/goals.json', 'benchmark'],
    ['package-lock.json', 'lockfile'],
    ['package.json', 'configuration'],
    ['.env.production', 'configuration'],
  ])('%s as a whole: %s', (file, kind) => {
    expect(flagsOf('anything', [], file)).toEqual([`${kind}:file`]);
  });

  it('are the data of the workload', () => {
    const flags = findReviewFlags({
      patch: patchOf('data/users.csv', ['x']),
      files: ['data/users.csv'],
      inputs: ['data/users.csv'],
      literals: [],
    });
    expect(flags).toEqual([
      { kind: 'benchmark', file: 'data/users.csv', line: null, text: 'the file was changed' },
    ]);
  });

  it('stay few, however long the change is', () => {
    const patch = patchOf(
      'src/a.js',
      Array.from({ length: 500 }, (_, index) => `let state${index} = 0;`),
    );
    expect(findReviewFlags({ patch, files: ['src/a.js'], inputs: [], literals: [] })).toHaveLength(5);
  });
});
