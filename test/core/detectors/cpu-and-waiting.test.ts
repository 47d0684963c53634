import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import { traceBuilder } from '../../support/trace-builder.ts';
import type { Stack } from '../profile/tiny-profile.ts';
import { FLAT, expectWhole, kindsOf } from './detector-input.ts';
import { POSTS, askAuthors, find, only, tracedInput } from './traced-requests.ts';
import type { Body } from './traced-requests.ts';

describe('a healthy service', () => {
  it('yields nothing of high or medium confidence', () => {
    const findings = find((r, index) => {
      r.cpu(2);
      r.query(POSTS, { ms: 1.5, input: `page ${index}`, connection: `c${index % 4}` });
      r.cpu(2);
      r.call('outbound', 'GET http://localhost:9000/price/{id}', {
        ms: 1.2,
        input: `u${index}`,
        status: 200,
      });
      r.cpu(3);
    });
    expect(findings.filter(({ confidence }) => confidence.level !== 'low')).toEqual([]);
  });

  it('of too few requests says nothing', () => {
    expect(find((r, index) => askAuthors(r, 30, index), { times: 9 })).toEqual([]);
  });
});

describe('calls that hold the thread', () => {
  const body: Body = (r) => {
    for (let i = 0; i < 3; i++)
      r.sync('fs.readFileSync', { ms: 2, input: 'a', site: 'render@/app/src/page.js:8' });
    r.cpu(4);
  };

  it('are found in a trace alone, with place and count', () => {
    const [first] = only('sync-file-io', body);
    expect(first).toMatchObject({ kind: 'sync-file-io', location: { function: 'render', line: 8 } });
    expect(first?.signals).toEqual(expect.arrayContaining(['sync-io', 'per-request:3']));
    expect(first?.share.value).toBeCloseTo(0.6, 9);
    expect(kindsOf(only('sync-crypto-or-compression', body))).toEqual([]);
    const [crypto] = only('sync-crypto-or-compression', (r) => r.sync('crypto.pbkdf2Sync', { ms: 9 }));
    expect(crypto?.signals).toContain('crypto');
  });

  it('of one function are one finding', () => {
    const found = only('sync-file-io', (r) => {
      r.sync('fs.statSync', { ms: 1, input: 'a', site: 'render@/app/src/page.js:7' });
      r.sync('fs.readFileSync', { ms: 2, input: 'a', site: 'render@/app/src/page.js:8' });
      r.cpu(1);
    });
    expect(found).toHaveLength(1);
    expect(found[0]?.share.value).toBeCloseTo(0.75, 9);
    expect(found[0]?.location.line).toBe(8);
    expect(found[0]?.signals).toEqual(expect.arrayContaining(['calls:fs.readFileSync', 'calls:fs.statSync']));
  });

  it('are not reported twice when the profile saw them, but better', () => {
    const builder = traceBuilder();
    builder.requests(120, 'GET /', body);
    const stacks: readonly Stack[] = [
      ...FLAT.slice(0, 50),
      { stack: 'render@/app/src/page.js:3 > readFileSync@node:fs:400', ms: 500 },
    ];
    const found = detectBottlenecks(tracedInput(builder, stacks)).filter(
      ({ kind }) => kind === 'sync-file-io',
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      confidence: { level: 'high' },
      share: { of: 'busy CPU samples of the target' },
    });
    expect(found[0]?.signals).toEqual(expect.arrayContaining(['per-request:3', 'call-site:src/page.js:8']));
  });
});

describe('CPU and waiting together', () => {
  const hot: readonly Stack[] = [...FLAT.slice(0, 50), { stack: 'hot@/app/src/hot.js:10', ms: 500 }];
  const mixed = (cpuMs: number, queryMs: number) => {
    const builder = traceBuilder();
    builder.requests(120, 'GET /', (r, index) => {
      r.cpu(cpuMs);
      r.query(POSTS, { ms: queryMs, input: `${index}` });
    });
    return kindsOf(detectBottlenecks(tracedInput(builder, hot)));
  };

  it('are ranked by what of the time of the requests they are', () => {
    expect(mixed(5, 95)).toEqual(['slow-dependency', 'hot-function']);
    expect(mixed(70, 30)).toEqual(['hot-function', 'slow-dependency']);
  });

  it('join the CPU of a database client with what it is asked for', () => {
    const builder = traceBuilder();
    builder.requests(120, 'GET /', (r, index) => askAuthors(r, 30, index));
    const [first, ...rest] = detectBottlenecks(
      tracedInput(builder, [
        ...FLAT.slice(0, 50),
        { stack: 'parse@/app/node_modules/pg-protocol/parser.js:10', ms: 500 },
      ]),
    );
    expect(first?.kind).toBe('n-plus-one-queries');
    expect(first?.symptoms?.join()).toContain('pg-protocol');
    expect(kindsOf(rest)).not.toContain('hot-function');
  });

  it('fit the schema of bottlenecks', () => {
    const builder = traceBuilder();
    builder.requests(120, 'GET /', (r, index) => askAuthors(r, 30, index));
    for (const finding of detectBottlenecks(tracedInput(builder, hot))) expectWhole(finding);
  });
});
