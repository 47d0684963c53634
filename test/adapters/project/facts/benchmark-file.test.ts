import { describe, expect, it } from 'vitest';
import { readBenchmark } from '../../../../src/adapters/project/facts/benchmark-file.ts';

const FILES = new Set(['src/parse.ts', 'src/index.js', 'bench/x.ts']);
const read = (text: string, file = 'bench/x.ts') => readBenchmark(text, file, FILES);
const subjectOf = (body: string, imports = `import { parse } from '../src/parse.js';`) =>
  read(`import { Bench } from 'tinybench'; ${imports} bench.add('it', ${body});`)?.cases[0]?.subject;

describe('the subject of a case', () => {
  it.each([
    ['() => parse()', []],
    ['async () => { await parse(1, "a", [true, null], { b: -2 }); }', [1, 'a', [true, null], { b: -2 }]],
    ['function () { return keep(parse(`text`)); }', ['text']],
    ['parse', []],
  ])('is what %s calls', (body, args) => {
    expect(subjectOf(body)).toEqual(
      expect.objectContaining({ module: 'src/parse.ts', export: 'parse', args }),
    );
  });

  it.each([
    [`import parse from '../src/parse.ts';`, 'parse(1)', 'default'],
    [`import { parse as read } from '../src/parse';`, 'read(1)', 'parse'],
    [`import * as all from '../src/parse.js';`, 'all.deep.parse(1)', 'deep.parse'],
    [`const { parse: p } = require('../src/parse');`, 'p(1)', 'parse'],
    [`const m = await import('../src/parse.js');`, 'm.parse(1)', 'parse'],
  ])('is found through %s', (imports, call, name) => {
    expect(subjectOf(`() => ${call}`, imports)).toMatchObject({ module: 'src/parse.ts', export: name });
  });

  it('has no known arguments where only the running benchmark knows them', () => {
    expect(subjectOf('() => parse(makeInput(100), 1)')).toMatchObject({
      args: null,
      argsText: 'makeInput(100), 1',
    });
  });

  it.each([
    ['() => JSON.parse(text)', undefined],
    ['() => parse(1)', `import { parse } from 'a-package';`],
    ['() => parse(1)', `import { parse } from '../src/gone.js';`],
    ['() => parse(1)', `import type { parse } from '../src/parse.js';`],
    ['() => parse(1)', `import { parse } from '../../outside.js';`],
  ])('is unknown for %s after %s', (body, imports) => {
    expect(subjectOf(body, imports ?? '')).toBeNull();
  });
});

describe('a benchmark', () => {
  it.each([
    [`import { bench } from 'vitest'; bench('a', () => {});`, 'vitest bench'],
    [`import { run, bench } from 'mitata'; bench('a', () => {});`, 'mitata'],
    [`const Benchmark = require('benchmark'); suite.add('a', () => {});`, 'benchmark.js'],
  ])('%s is of %s', (text, tool) => {
    expect(read(text)).toMatchObject({ tool, cases: [{ name: 'a', subject: null }] });
  });

  it('of vitest may take its functions as globals', () => {
    expect(read(`bench('a', () => {})`, 'src/a.bench.ts')?.tool).toBe('vitest bench');
    expect(read(`bench('a', () => {})`, 'src/a.ts')).toBeUndefined();
  });

  it('is not what imports something else of vitest', () => {
    expect(read(`import { test } from 'vitest'; set.add('a', () => {});`)).toBeUndefined();
  });
});
