import { describe, expect, it } from 'vitest';
import { headersOf, rawHeadersOf } from '../../../src/adapters/load/answer.ts';
import {
  compileExpectation,
  findBodyProblem,
  findStatusProblem,
} from '../../../src/adapters/load/expectations.ts';
import { createFailureLedger } from '../../../src/adapters/load/failure-ledger.ts';

describe('expectations', () => {
  it('takes every status below 400 when none is expected', () => {
    expect(findStatusProblem({}, 204)).toBeUndefined();
    expect(findStatusProblem({}, 302)).toBeUndefined();
    expect(findStatusProblem({}, 404)).toBe('status 404, expected below 400');
  });

  it('takes the expected status only, even an error', () => {
    expect(findStatusProblem({ status: 404 }, 404)).toBeUndefined();
    expect(findStatusProblem({ status: 200 }, 204)).toBe('status 204, expected 200');
  });

  it('looks for the text in a string or in bytes', () => {
    expect(findBodyProblem({ bodyIncludes: 'Käse' }, 'viel Käse')).toBeUndefined();
    expect(findBodyProblem({ bodyIncludes: 'Käse' }, Buffer.from('viel Käse'))).toBeUndefined();
    expect(findBodyProblem({ bodyIncludes: 'Käse' }, Buffer.from('Wurst'))).toBe(
      'body does not include "Käse"',
    );
  });

  it('claims nothing about a body whose characters were torn apart', () => {
    expect(findBodyProblem({ bodyIncludes: 'Käse' }, 'viel K\uFFFD\uFFFDse')).toBeUndefined();
    expect(findBodyProblem({ bodyIncludes: 'Wurst' }, 'viel K\uFFFD\uFFFDse')).toBeDefined();
  });
});

describe('failure ledger', () => {
  it('counts by request and reason, most frequent first, with the start of the first example', () => {
    const ledger = createFailureLedger();
    ledger.add('a', 'status 500');
    ledger.add('b', 'status 500', 'x'.repeat(1_000));
    ledger.add('b', 'status 500', 'second');
    expect(ledger.total()).toBe(3);
    expect(ledger.list()).toEqual([
      { request: 'b', reason: 'status 500', count: 2, example: 'x'.repeat(200) },
      { request: 'a', reason: 'status 500', count: 1 },
    ]);
  });

  it('stays small when every failure has a reason of its own', () => {
    const ledger = createFailureLedger();
    for (let index = 0; index < 1_000; index++) ledger.add('a', `reason ${index}`);
    expect(ledger.list().length).toBe(51);
    expect(ledger.list()[0]).toMatchObject({ reason: 'other reasons', count: 950 });
    expect(ledger.total()).toBe(1_000);
  });
});

describe('compiled expectations', () => {
  const answer = (body: string, headers: Readonly<Record<string, string>> = {}) => ({
    status: 200,
    headers: headersOf(headers),
    body,
  });

  it('look at headers whatever the case of their names', () => {
    const check = compileExpectation({ headers: { 'X-Cache': 'HIT', 'content-type': { includes: 'json' } } });
    expect(
      check(answer('', { 'x-cache': 'HIT', 'content-type': 'application/json; charset=utf-8' })),
    ).toBeUndefined();
    expect(check(answer('', { 'x-cache': 'MISS' }))).toBe('header x-cache is "MISS", expected "HIT"');
    expect(check(answer('', { 'x-cache': 'HIT' }))).toBe(
      'header content-type is missing, expected to include "json"',
    );
    const raw = rawHeadersOf([
      'X-Cache',
      'HIT',
      'Content-Type',
      'text/json',
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
    ]);
    expect(check({ status: 200, headers: raw, body: '' })).toBeUndefined();
    expect(raw.cookies()).toEqual(['a=1', 'b=2']);
  });

  it('compare values by JSON path, whole and deep', () => {
    const check = compileExpectation({
      json: { '$.ok': true, '$.items[0]': { id: 1, tags: ['a'] }, '$..none': null },
    });
    expect(check(answer('{"ok":true,"items":[{"tags":["a"],"id":1}],"x":{"none":null}}'))).toBeUndefined();
    expect(check(answer('{"ok":"true"}'))).toBe('json $.ok is "true", expected true');
    expect(check(answer('{"ok":true,"items":[]}'))).toBe(
      'json $.items[0] finds nothing, expected {"id":1,"tags":["a"]}',
    );
    expect(check(answer('<html>'))).toBe('body is not JSON');
  });

  it('tell the first thing that is wrong, in a bounded text', () => {
    const check = compileExpectation({ status: 201, bodyIncludes: 'x', json: { $: 1 } });
    expect(check(answer('{}'))).toBe('status 200, expected 201');
    const long = compileExpectation({ json: { $: 1 } })(answer(JSON.stringify('y'.repeat(10_000))));
    expect(long?.length).toBeLessThan(150);
  });
});
