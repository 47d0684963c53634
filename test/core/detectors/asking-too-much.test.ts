import { describe, expect, it } from 'vitest';
import { kindsOf } from './detector-input.ts';
import { AUTHOR, POSTS, askAuthors, find, only } from './traced-requests.ts';
import type { Body } from './traced-requests.ts';

describe('N+1 queries', () => {
  it('one after the other: count, place, statement and share', () => {
    const [first, ...rest] = find((r, index) => {
      r.query(POSTS, { ms: 2, input: `page ${index}`, connection: 'c1' });
      askAuthors(r, 30, index);
    });
    expect(first).toMatchObject({
      kind: 'n-plus-one-queries',
      layer: 'data-access',
      location: { function: 'authorOf', file: 'src/feed.js', line: 3, statement: AUTHOR },
      confidence: { level: 'high' },
    });
    expect(first?.title).toContain('30 queries');
    expect(first?.signals).toEqual(expect.arrayContaining(['n-plus-one', 'serial', 'per-request:30']));
    // 29 of 30 ms, of 2 + 30 * 1.1 ms.
    expect(first?.share.value).toBeCloseTo(29 / 35, 9);
    expect(first?.share.of).toBe('time of the requests');
    const gains = Object.fromEntries(first?.ceilings.map(({ metric, gain }) => [metric, gain]) ?? []);
    expect(gains['latency_p95_ms']).toBeCloseTo(29 / 35, 9);
    expect(gains['throughput_rps']).toBeCloseTo(35 / 6 - 1, 9);
    expect(gains).not.toHaveProperty('cpu_us_per_request');
    expect(rest.map(({ confidence }) => confidence.level)).not.toContain('high');
  });

  it('sent together are seen as well', () => {
    const [first] = find((r, index) =>
      r.parallel(
        ...Array.from({ length: 20 }, (_, i) => () => {
          r.call('pool-wait', 'pool', { ms: Math.floor(i / 4) * 3 });
          r.query(AUTHOR, {
            ms: 3,
            input: `${index} ${i}`,
            connection: `c${i % 4}`,
            site: 'authorOf@/app/src/feed.js:3',
          });
        }),
      ),
    );
    expect(first?.kind).toBe('n-plus-one-queries');
    expect(first?.signals).toContain('parallel');
    // The pool is crowded by them.
    expect(first?.symptoms?.join()).toContain('connection of the pool');
  });

  it('are not a few, nor different statements, nor transaction control', () => {
    const few = only('n-plus-one-queries', (r, index) => askAuthors(r, 4, index));
    const different = only('n-plus-one-queries', (r) => {
      for (let i = 0; i < 20; i++) r.query(`select * from t${i}`, { ms: 1 });
    });
    const control = only('n-plus-one-queries', (r) => {
      for (let i = 0; i < 20; i++) r.query('BEGIN', { ms: 1 });
    });
    expect([few, different, control]).toEqual([[], [], []]);
  });

  it('have a sibling for outbound calls', () => {
    const [first] = find((r, index) => {
      for (let i = 0; i < 8; i++)
        r.call('outbound', 'GET http://localhost:9000/users/{id}', {
          ms: 4,
          input: `${index} ${i}`,
          site: 'load@/app/src/feed.js:9',
        });
    });
    expect(first).toMatchObject({
      kind: 'n-plus-one-calls',
      location: { url: 'GET http://localhost:9000/users/{id}', line: 9 },
    });
  });
});

describe('duplicate work', () => {
  const body =
    (inputOf: (i: number) => string, output?: (i: number) => string): Body =>
    (r, index) => {
      for (let i = 0; i < 3; i++) {
        r.query(AUTHOR, {
          ms: 5,
          input: `${index} ${inputOf(i)}`,
          ...(output === undefined ? {} : { output: output(i) }),
          site: 'user@/app/src/auth.js:5',
        });
        r.cpu(1);
      }
    };

  it('counts what was asked again for the same input', () => {
    const [first] = find(body(() => 'same'));
    expect(first).toMatchObject({ kind: 'duplicate-work', location: { line: 5, statement: AUTHOR } });
    expect(first?.share.value).toBeCloseTo(10 / 18, 9);
    expect(first?.signals).toContain('per-request:2');
  });

  it('is not other inputs, other answers, or writing', () => {
    expect(only('duplicate-work', body(String))).toEqual([]);
    expect(
      only(
        'duplicate-work',
        body(() => 'same', String),
      ),
    ).toEqual([]);
    const writes = only('duplicate-work', (r) => {
      for (let i = 0; i < 3; i++) r.query('insert into log values (?)', { ms: 5, input: 'x' });
    });
    expect(writes).toEqual([]);
  });
});

describe('work repeated across requests', () => {
  const settings =
    (outputOf: (index: number) => string, varied = true): Body =>
    (r, index) => {
      r.query('select * from settings where tenant = ?', {
        ms: 8,
        input: `tenant ${index % 3}`,
        output: outputOf(index),
        site: 'settings@/app/src/settings.js:2',
      });
      r.query(AUTHOR, { ms: 1, input: varied ? `user ${index}` : 'user', output: 'x' });
      r.cpu(1);
    };

  it('is cacheable when the answers were the same, with medium confidence at most', () => {
    const [first] = only(
      'repeated-across-requests',
      settings((index) => `answer ${index % 3}`),
    );
    expect(first).toMatchObject({ confidence: { level: 'medium' }, location: { line: 2 } });
    expect(first?.detail).toContain('3 different inputs');
    expect(first?.detail).toContain('0 times another one');
    expect(first?.share.value).toBeCloseTo((0.8 * 117) / 120, 9);
  });

  const countries =
    (siteOf: (country: string) => string, outputOf: (index: number) => string = () => 'same'): Body =>
    (r, index) => {
      for (const country of ['de', 'fr', 'it']) {
        const name = `GET http://localhost:9000/countries/${country}`;
        r.call('outbound', name, {
          ms: country === 'fr' ? 6 : 2,
          input: country,
          output: outputOf(index),
          site: siteOf(country),
        });
      }
      r.query(AUTHOR, { ms: 1, input: `user ${index}`, output: 'x' });
      r.cpu(1);
    };

  it('is one finding for the URLs that one place asks for, the heaviest of them first, its share their sum', () => {
    const found = only(
      'repeated-across-requests',
      countries(() => 'load@/app/src/countries.js:4 < page (/app/src/app.js:9:1)'),
    );
    expect(found).toHaveLength(1);
    const [first] = found;
    expect(first?.location).toMatchObject({ line: 4, url: 'GET http://localhost:9000/countries/fr' });
    expect(first?.title).toContain('/countries/fr and 2 more URLs from load (src/countries.js:4)');
    expect(first?.title).toContain('of 360 calls');
    expect(first?.detail).toContain('3 URLs: ');
    expect(first?.signals).toContain('urls:3');
    // 10 of the 12 ms of a request, in all but the first; one detector's share of a request is never more than the request.
    expect(first?.share.value).toBeCloseTo(((10 / 12) * 119) / 120, 9);
  });

  it('is a finding for each place, and for each caller of a place that all go through', () => {
    const byPlace = countries((country) => `load@/app/src/${country}.js:4`);
    expect(only('repeated-across-requests', byPlace)).toHaveLength(3);
    const byCaller = countries(
      (country) => `get@/app/src/client.js:2 < ${country}Page (/app/src/${country}.js:9:1)`,
    );
    expect(only('repeated-across-requests', byCaller)).toHaveLength(3);
  });

  it('leaves out the URLs of the place whose answers change', () => {
    const body: Body = (r, index) => {
      const site = 'load@/app/src/countries.js:4';
      r.call('outbound', 'GET http://localhost:9000/rates/eur', {
        ms: 6,
        input: 'r',
        output: `${index}`,
        site,
      });
      r.call('outbound', 'GET http://localhost:9000/countries/de', { ms: 4, input: 'c', output: 'de', site });
    };
    const found = only('repeated-across-requests', body);
    expect(found).toHaveLength(1);
    expect(found[0]?.title).not.toContain('more');
    expect(found[0]?.share.value).toBeCloseTo((0.4 * 119) / 120, 9);
  });

  it('explains why calls of its URLs are slow, all of them', () => {
    const found = find((r, index) => {
      for (const country of ['de', 'fr', 'it']) {
        r.call('outbound', `GET http://localhost:9000/countries/${country}`, {
          ms: 20,
          input: country,
          output: 'same',
          site: 'load@/app/src/countries.js:4',
        });
      }
      r.query(AUTHOR, { ms: 1, input: `user ${index}`, output: 'x' });
    });
    expect(found.map(({ kind }) => kind)).not.toContain('slow-dependency');
  });

  it('is doubted when the load repeats one request', () => {
    const [first] = only(
      'repeated-across-requests',
      settings(() => 'a', false),
    );
    expect(first?.confidence).toMatchObject({ level: 'low' });
  });

  it('is not claimed for answers that differ, or that were not seen', () => {
    expect(only('repeated-across-requests', settings(String))).toEqual([]);
    const unseen = only('repeated-across-requests', (r) => r.query(POSTS, { ms: 5, input: 'same' }));
    expect(unseen).toEqual([]);
  });
});

describe('over-fetching', () => {
  const use = (columnsRead: readonly string[], rowsRead: number) => ({
    columns: ['id', 'title', 'body', 'html', 'meta'],
    columnsRead,
    rows: 500,
    rowsRead,
    executions: 5,
  });
  const body =
    (columnsRead: readonly string[], rowsRead: number): Body =>
    (r, index) => {
      r.query(POSTS, {
        ms: 20,
        input: `${index}`,
        use: use(columnsRead, rowsRead),
        site: 'list@/app/src/list.js:4',
      });
      r.cpu(5);
    };

  it('names the columns and rows that nobody reads', () => {
    const [columns] = only('over-fetching', body(['id', 'title'], 500));
    expect(columns).toMatchObject({ kind: 'over-fetching', location: { line: 4, statement: POSTS } });
    expect(columns?.signals).toEqual(
      expect.arrayContaining(['unused-columns', 'column:body', 'column:html']),
    );
    expect(columns?.share.value).toBeCloseTo(0.6 * 0.8, 9);
    const [rows] = only('over-fetching', body(['id', 'title', 'body', 'html', 'meta'], 50));
    expect(rows?.signals).toContain('unused-rows');
    expect(rows?.signals).not.toContain('unused-columns');
  });

  it('is not what is mostly read', () => {
    expect(only('over-fetching', body(['id', 'title', 'body'], 500))).toEqual([]);
  });
});

describe('retry storm', () => {
  const body =
    (tries: number, status: number, pause: 'watched' | 'unseen' = 'unseen'): Body =>
    (r, index) => {
      for (let i = 0; i < tries; i++) {
        r.call('outbound', 'GET http://localhost:9000/stock', {
          ms: 5,
          input: `${index}`,
          status: i === tries - 1 ? 200 : status,
          site: 'stock@/app/src/stock.js:6',
        });
        if (pause === 'watched') r.call('timer', 'setTimeout 3 ms', { ms: 3 });
        else r.pause(3);
      }
    };

  it('counts the tries after a failure, with the pauses', () => {
    const [first] = find(body(4, 503));
    expect(first).toMatchObject({ kind: 'retry-storm', location: { line: 6 } });
    expect(first?.signals).toContain('per-request:3');
    expect(first?.share.value).toBeCloseTo(24 / 32, 9);
    expect(find(body(4, 503, 'watched'))[0]?.share.value).toBeCloseTo(24 / 32, 9);
  });

  it('counts what would fail again the same way, and takes it for no duplicate', () => {
    expect(kindsOf(find(body(4, 404)))).toEqual(['retry-storm']);
    expect(only('duplicate-work', body(4, 404))).toEqual([]);
  });

  it('is not a repeat after success', () => {
    expect(only('retry-storm', body(4, 200))).toEqual([]);
  });
});
