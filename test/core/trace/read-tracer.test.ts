import { describe, expect, test } from 'vitest';
import { readTracer } from '../../../src/core/trace/read-tracer.ts';
import type { TracerFile } from '../../../src/core/trace/tracer-file.ts';

const EMPTY: TracerFile = {
  version: 1,
  timeOriginMs: 1000,
  fromMs: 500,
  toMs: 900,
  dropped: 0,
  spans: [],
  statements: [],
  sites: [],
  runs: [],
  collections: [],
};
const SITE = { function: 'list', file: '/app/a.js', line: 3, column: 5, callers: ['handle (/app/b.js:1:1)'] };
const TEXT = 'select a from t where id = $1';

function threadOf(file: Partial<TracerFile>, threadId = 0) {
  return { pid: 7, threadId, content: JSON.stringify({ ...EMPTY, ...file }) };
}

const MAIN = threadOf({
  spans: [
    { id: 1, request: 1, kind: 'request', name: 'GET /posts/42?x=1', from: 510, to: 530, status: 200 },
    { id: 2, parent: 1, request: 1, kind: 'query', name: '', from: 511, to: 512, site: 0, statement: 0 },
    { id: 3, kind: 'outbound', name: 'GET http://h:1/u/5', from: 505, failed: true },
  ],
  statements: [{ engine: 'postgres', text: TEXT, executions: 1, samples: [[1]] }],
  sites: [SITE],
  runs: [[1, 510, 511]],
  collections: [['minor', 520, 521]],
  dropped: 2,
  poolThreads: 8,
});

describe('the files of the threads become one trace', () => {
  const worker = threadOf(
    {
      timeOriginMs: 1200,
      fromMs: 400,
      spans: [{ id: 1, request: 1, kind: 'query', name: '', from: 410, to: 412, site: 1, statement: 1 }],
      statements: [
        { engine: 'postgres', text: 'select 1', executions: 1 },
        { engine: 'postgres', text: TEXT.toUpperCase(), executions: 3, samples: [[2]] },
      ],
      sites: [{ ...SITE, line: 9 }, SITE],
      dropped: 1,
    },
    1,
  );
  const { trace, unreadable } = readTracer([worker, MAIN]);

  test('on one clock, in order, in microseconds since it began', () => {
    expect(trace.spans.map(({ id, startUs, endUs }) => [id, startUs, endUs])).toEqual([
      ['7.0.s3', 5000, undefined],
      ['7.0.s1', 10_000, 30_000],
      ['7.0.s2', 11_000, 12_000],
      ['7.1.s1', 110_000, 112_000],
    ]);
    expect(trace.runs).toEqual([{ trace: '7.0.1', thread: 1, startUs: 10_000, endUs: 11_000 }]);
    expect(trace.collections).toEqual([{ thread: 1, kind: 'minor', startUs: 20_000, endUs: 21_000 }]);
    expect(trace.threads.map(({ name }) => name)).toEqual(['worker 1 of pid 7', 'main of pid 7']);
    expect(trace.threads.map(({ poolThreads }) => poolThreads)).toEqual([undefined, 8]);
    expect(trace.dropped).toBe(3);
    expect(unreadable).toEqual([]);
  });

  test('with names as templates', () => {
    expect(trace.spans.map(({ name }) => name)).toEqual([
      'GET http://h:1/u/{id}',
      'GET /posts/{id}',
      'SELECT A FROM T WHERE ID = ?',
      'SELECT A FROM T WHERE ID = ?',
    ]);
    expect(trace.spans[1]).toMatchObject({ kind: 'request', status: 200, failed: false, trace: '7.0.1' });
    expect(trace.spans[2]).toMatchObject({ parent: '7.0.s1', trace: '7.0.1' });
  });

  test('with one statement a shape and one site a place', () => {
    const [, , ofMain, ofWorker] = trace.spans;
    expect(ofMain?.statement).toBe(ofWorker?.statement);
    expect(trace.statements[ofMain?.statement ?? -1]).toMatchObject({ samples: [[2], [1]] });
    expect(ofMain?.site).toBe(ofWorker?.site);
    expect(trace.sites[ofMain?.site ?? -1]).toEqual(SITE);
    expect(trace.sites).toHaveLength(2);
  });
});

test('a thread in which nothing happened is left out, a file that is none of ours is told', () => {
  const { trace, unreadable } = readTracer([
    threadOf({}, 1),
    MAIN,
    { pid: 8, threadId: 0, content: '{"version":1,"spans":"no"}' },
    { pid: 9, threadId: 0, content: '{"version":' },
  ]);
  expect(trace.threads.map(({ name }) => name)).toEqual(['main of pid 7']);
  expect(unreadable.map(({ pid }) => pid)).toEqual([8, 9]);
});

test('no thread at all is an empty trace', () => {
  expect(readTracer([]).trace).toMatchObject({ spans: [], threads: [], dropped: 0 });
});

describe('the text that a plan can be asked with', () => {
  const originalOf = (...statements: TracerFile['statements']): string | undefined => {
    const spans: TracerFile['spans'] = [{ id: 1, kind: 'query', name: '', from: 600, statement: 0 }];
    return readTracer([threadOf({ spans, statements })]).trace.statements[0]?.original;
  };
  const of = (text: string, executions = 1) => ({ engine: 'postgres' as const, text, executions });

  test('is that of a statement with placeholders', () => {
    expect(originalOf(of(TEXT))).toBe(TEXT);
  });
  test('may hold constants of the program, but no value that may be data', () => {
    expect(originalOf(of('select a from t limit 20', 9))).toBe('select a from t limit 20');
    expect(originalOf(of('select a from t where id = 20'))).toBeUndefined();
    expect(
      originalOf(of('select a from t where id = 1', 5), of('select a from t where id = 2', 5)),
    ).toBeUndefined();
    expect(originalOf({ ...of(TEXT), isCut: true })).toBeUndefined();
  });
});

test('what was read of rows is added up over threads', () => {
  const use = { columns: ['a', 'b'], columnsRead: ['a'], rows: 10, rowsRead: 1, executions: 2 };
  const statement = { engine: 'sqlite' as const, text: 'select a, b from t', executions: 4, use };
  const file = {
    spans: [{ id: 1, kind: 'query' as const, name: '', from: 600, statement: 0 }],
    statements: [statement],
  };
  const other = { ...file, statements: [{ ...statement, use: { ...use, columnsRead: ['b'] } }] };
  expect(readTracer([threadOf(file), threadOf(other, 1)]).trace.statements[0]?.use).toEqual({
    columns: ['a', 'b'],
    columnsRead: ['a', 'b'],
    rows: 20,
    rowsRead: 2,
    executions: 4,
  });
});
