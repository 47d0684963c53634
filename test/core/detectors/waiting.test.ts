import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import type { DetectorInput, Finding } from '../../../src/core/detectors/index.ts';
import { DETECTORS } from '../../../src/core/detectors/index.ts';
import { bottleneckSchema } from '../../../src/core/model/evidence.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import { traceBuilder } from '../../support/trace-builder.ts';
import type { RequestBuilder, TraceBuilder } from '../../support/trace-builder.ts';
import { tinyProfile } from '../profile/tiny-profile.ts';
import type { Stack } from '../profile/tiny-profile.ts';

/** 100 functions of 1 % each: a service without a hot spot. */
const FLAT: readonly Stack[] = Array.from({ length: 100 }, (_, index) => ({
  stack: `f${index}@/app/src/f${index}.js:1`,
  ms: 10,
}));

function input(builder: TraceBuilder, stacks: readonly Stack[] = FLAT): DetectorInput {
  return {
    attribution: analyzeProfile(tinyProfile(stacks), ['/app']),
    trace: analyzeTrace(builder.build(), ['/app']),
    runtime: null,
    load: { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
    cores: 4,
    metrics: ['latency_p95_ms'],
    sources: new Map(),
  };
}

type Body = (request: RequestBuilder, index: number) => void;

function find(
  body: Body,
  { times = 120, everyMs }: { times?: number; everyMs?: number } = {},
): readonly Finding[] {
  const builder = traceBuilder();
  builder.requests(times, 'GET /feed', body, everyMs);
  return detectBottlenecks(input(builder));
}

/** What one detector says by itself, before findings are joined. */
function only(
  kind: string,
  body: Body,
  options: { times?: number; everyMs?: number } = {},
): readonly Finding[] {
  const builder = traceBuilder();
  builder.requests(options.times ?? 120, 'GET /feed', body, options.everyMs);
  return detectBottlenecks(
    input(builder),
    DETECTORS.filter(({ id }) => id === kind),
  );
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

const AUTHOR = 'select * from users where id = ?';
const POSTS = 'select * from posts order by id limit ?';
const authors = (r: RequestBuilder, count: number, index: number) => {
  for (let i = 0; i < count; i++) {
    r.query(AUTHOR, {
      ms: 1,
      input: `user ${index * 7 + i}`,
      site: 'authorOf@/app/src/feed.js:3',
      connection: 'c1',
    });
    r.cpu(0.1);
  }
};

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
    expect(find((r, index) => authors(r, 30, index), { times: 9 })).toEqual([]);
  });
});

describe('N+1 queries', () => {
  it('one after the other: count, place, statement and share', () => {
    const [first, ...rest] = find((r, index) => {
      r.query(POSTS, { ms: 2, input: `page ${index}`, connection: 'c1' });
      authors(r, 30, index);
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
    const few = only('n-plus-one-queries', (r, index) => authors(r, 4, index));
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

describe('new connections', () => {
  const call =
    (fresh: (index: number) => boolean): Body =>
    (r, index) => {
      r.call('outbound', 'GET http://localhost:9000/users/{id}', {
        ms: 6,
        input: `${index}`,
        freshConnection: fresh(index),
        site: 'load@/app/src/api.js:8',
        inside: () => {
          if (fresh(index)) r.call('connect', 'localhost:9000', { ms: 4 });
        },
      });
      r.cpu(1);
    };

  it('for each call: the origin and the time until it was there', () => {
    const [first] = find(call(() => true));
    expect(first).toMatchObject({ kind: 'new-connection-per-call', location: { line: 8 } });
    expect(first?.title).toContain('http://localhost:9000');
    expect(first?.share.value).toBeCloseTo(4 / 7, 9);
    // The call is slow because of it.
    expect(first?.symptoms).toHaveLength(1);
  });

  it('of a database, one for each request', () => {
    const [first] = only('new-connection-per-call', (r) => {
      r.call('connect', 'connect localhost:5432', { ms: 10, site: 'open@/app/src/db.js:3' });
      r.query(POSTS, { ms: 2 });
    });
    expect(first?.title).toContain('localhost:5432');
    expect(first?.location.line).toBe(3);
    // Where the driver connects by itself, the first statement tells the place.
    const [hidden] = only('new-connection-per-call', (r) => {
      r.call('connect', 'postgres localhost:5432', { ms: 10 });
      r.query(POSTS, { ms: 2, site: 'query@/app/src/db.js:11' });
    });
    expect(hidden?.location).toEqual({ function: 'query', file: 'src/db.js', line: 11 });
  });

  it('now and then are what keeping connections costs', () => {
    expect(
      only(
        'new-connection-per-call',
        call((index) => index % 10 === 0),
      ),
    ).toEqual([]);
  });
});

describe('serial calls', () => {
  const body =
    (pauseMs: number, more: { transaction?: string } = {}): Body =>
    (r, index) => {
      r.query(POSTS, { ms: 6, input: `${index}`, site: 'page@/app/src/page.js:4', ...more });
      r.pause(pauseMs);
      r.query('select count(*) from likes where post = ?', { ms: 5, input: `${index}`, ...more });
      r.pause(pauseMs);
      r.call('outbound', 'GET http://localhost:9000/ads', { ms: 4, input: `${index}` });
    };

  it('are a candidate of low confidence, with what running together would save', () => {
    const [first] = only('serial-independent-calls', body(0.1));
    expect(first?.confidence.level).toBe('low');
    expect(first?.confidence.reason).toContain('candidate');
    expect(first?.signals).toContain('calls:3');
    expect(first?.share.value).toBeCloseTo(9 / 15.2, 9);
  });

  it('of one place are one candidate, whatever their URLs, and stand before their parts', () => {
    const [first, ...rest] = find((r, index) => {
      for (const topic of ['weather', 'events', 'traffic'])
        r.call('outbound', `GET http://localhost:9000/${topic}/city${index % 4}`, {
          ms: 11,
          input: `${topic} ${index}`,
          site: 'ask@/app/src/city.js:14',
        });
    });
    expect(first).toMatchObject({ kind: 'serial-independent-calls', location: { line: 14 } });
    expect(first?.share.value).toBeCloseTo(2 / 3, 9);
    expect(kinds(rest)).toEqual([]);
  });

  it('with work between, in a transaction, or already together are none', () => {
    expect(only('serial-independent-calls', body(2))).toEqual([]);
    expect(only('serial-independent-calls', body(0.1, { transaction: 'tx' }))).toEqual([]);
    const together = only('serial-independent-calls', (r) =>
      r.parallel(
        () => r.query(POSTS, { ms: 6 }),
        () => r.query(AUTHOR, { ms: 5 }),
      ),
    );
    expect(together).toEqual([]);
  });
});

describe('slow dependency', () => {
  it('names the call that requests wait for', () => {
    const [first] = find((r, index) => {
      r.cpu(1);
      r.call('outbound', 'GET http://localhost:9000/score', {
        ms: 80,
        input: `${index}`,
        site: 'score@/app/src/a.js:2',
      });
    });
    expect(first).toMatchObject({
      kind: 'slow-dependency',
      location: { url: 'GET http://localhost:9000/score', line: 2 },
      confidence: { level: 'medium' },
    });
  });

  it('is not a call whose answer waited for the thread', () => {
    const builder = traceBuilder();
    builder.requests(200, 'GET /', (r) => r.query(POSTS, { ms: 1 }), 100);
    builder.requests(20, 'GET /', (r) => r.query(POSTS, { ms: 60 }), 100);
    for (let i = 0; i < 20; i++) builder.busy(20_000 + i * 100, 60);
    const found = kinds(detectBottlenecks(input(builder)));
    expect(found).toContain('event-loop-queueing');
    expect(found).not.toContain('slow-dependency');
  });
});

describe('retry storm', () => {
  const body =
    (tries: number, status: number): Body =>
    (r, index) => {
      for (let i = 0; i < tries; i++) {
        r.call('outbound', 'GET http://localhost:9000/stock', {
          ms: 5,
          input: `${index}`,
          status: i === tries - 1 ? 200 : status,
          site: 'stock@/app/src/stock.js:6',
        });
        r.pause(3);
      }
    };

  it('counts the tries after a failure, with the pauses', () => {
    const [first] = find(body(4, 503));
    expect(first).toMatchObject({ kind: 'retry-storm', location: { line: 6 } });
    expect(first?.signals).toContain('per-request:3');
    expect(first?.share.value).toBeCloseTo(24 / 32, 9);
  });

  it('counts what would fail again the same way, and takes it for no duplicate', () => {
    expect(kinds(find(body(4, 404)))).toEqual(['retry-storm']);
    expect(only('duplicate-work', body(4, 404))).toEqual([]);
  });

  it('is not a repeat after success', () => {
    expect(only('retry-storm', body(4, 200))).toEqual([]);
  });
});

describe('pool too small', () => {
  it('tells a pool of one from connections that are held long', () => {
    const queue = (connections: number) => {
      const builder = traceBuilder();
      builder.requests(
        120,
        'GET /',
        (r, index) => {
          r.call('pool-wait', 'pool', { ms: 30, site: 'query@/app/src/db.js:7' });
          r.query(POSTS, { ms: 10, input: `${index}`, connection: `c${index % connections}` });
        },
        10,
      );
      return detectBottlenecks(input(builder));
    };
    const [one] = queue(1);
    expect(one).toMatchObject({
      kind: 'pool-too-small',
      confidence: { level: 'high' },
      location: { line: 7 },
    });
    expect(one?.title).toContain('1 seen, 4 requests at once');
    const [slow] = queue(8);
    expect(slow).toMatchObject({ kind: 'slow-dependency' });
    expect(slow?.symptoms?.join()).toContain('connection of the pool');
  });

  it('is not a pool that answers at once', () => {
    expect(
      only('pool-too-small', (r) => {
        r.call('pool-wait', 'pool', { ms: 0.2 });
        r.query(POSTS, { ms: 10 });
      }),
    ).toEqual([]);
  });
});

describe('long transaction', () => {
  const body =
    (outsideMs: number): Body =>
    (r, index) => {
      const tx = { transaction: `tx${index}`, connection: 'c1' };
      r.query('BEGIN', { ms: 1, ...tx });
      r.query('update stock set n = n - ? where id = ?', {
        ms: index % 4 === 0 ? 2 : 40,
        ...tx,
        site: 'buy@/app/src/buy.js:5',
      });
      if (outsideMs > 0)
        r.call('outbound', 'POST http://localhost:9000/pay', {
          ms: outsideMs,
          input: `${index}`,
          site: 'buy@/app/src/buy.js:6',
        });
      r.query('COMMIT', { ms: 1, ...tx });
    };

  it('is held open during a call, and explains that its statements wait for locks', () => {
    const [first, ...rest] = find(body(30));
    expect(first).toMatchObject({
      kind: 'long-transaction',
      confidence: { level: 'high' },
      location: { line: 6, url: 'POST http://localhost:9000/pay' },
    });
    expect(first?.signals).toContain('during:outbound');
    expect(first?.symptoms?.join()).toContain('update stock');
    expect(kinds(rest)).not.toContain('slow-dependency');
  });

  it('is seen when its statements wait longer for its kind than it pauses itself, by the statement before the pause', () => {
    const [first] = find((r, index) => {
      const tx = { transaction: `tx${index}`, connection: 'c1' };
      r.query('BEGIN', { ms: 0.1, ...tx, site: 'begin@/app/src/db.js:1' });
      r.query('update stock set n = n - ? where id = ?', {
        ms: index % 4 === 0 ? 2 : 80,
        ...tx,
        site: 'reserve@/app/src/buy.js:5',
      });
      r.pause(12);
      r.query('insert into sale values (?)', { ms: 0.5, ...tx });
    });
    expect(first).toMatchObject({
      kind: 'long-transaction',
      confidence: { level: 'medium' },
      location: { function: 'reserve', line: 5 },
    });
    expect(first?.symptoms).toHaveLength(1);
  });

  it('is not one that only runs its statements', () => {
    expect(only('long-transaction', body(0))).toEqual([]);
  });
});

describe('thread pool', () => {
  const tasks =
    (atOnce: number, msOf: (i: number) => number): Body =>
    (r) =>
      r.parallel(
        ...Array.from(
          { length: atOnce },
          (_, i) => () =>
            r.call('task', 'crypto.pbkdf2', { ms: msOf(i), input: `${i}`, site: 'hash@/app/src/hash.js:2' }),
        ),
      );

  it('is full when tasks queue for its four threads', () => {
    const [first] = find(tasks(16, (i) => 10 * (1 + Math.floor(i / 4))));
    expect(first).toMatchObject({ kind: 'thread-pool-saturated', location: { line: 2 } });
    expect(first?.signals).toContain('at-once:16');
  });

  it('is not full with four, or with many that are as fast', () => {
    expect(
      only(
        'thread-pool-saturated',
        tasks(4, () => 10),
      ),
    ).toEqual([]);
    expect(
      only(
        'thread-pool-saturated',
        tasks(16, () => 10),
      ),
    ).toEqual([]);
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
    expect(kinds(only('sync-crypto-or-compression', body))).toEqual([]);
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
    const found = detectBottlenecks(input(builder, stacks)).filter(({ kind }) => kind === 'sync-file-io');
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
    return kinds(detectBottlenecks(input(builder, hot)));
  };

  it('are ranked by what of the time of the requests they are', () => {
    expect(mixed(5, 95)).toEqual(['slow-dependency', 'hot-function']);
    expect(mixed(70, 30)).toEqual(['hot-function', 'slow-dependency']);
  });

  it('join the CPU of a database client with what it is asked for', () => {
    const builder = traceBuilder();
    builder.requests(120, 'GET /', (r, index) => authors(r, 30, index));
    const [first, ...rest] = detectBottlenecks(
      input(builder, [
        ...FLAT.slice(0, 50),
        { stack: 'parse@/app/node_modules/pg-protocol/parser.js:10', ms: 500 },
      ]),
    );
    expect(first?.kind).toBe('n-plus-one-queries');
    expect(first?.symptoms?.join()).toContain('pg-protocol');
    expect(kinds(rest)).not.toContain('hot-function');
  });

  it('fit the schema of bottlenecks', () => {
    const builder = traceBuilder();
    builder.requests(120, 'GET /', (r, index) => authors(r, 30, index));
    for (const finding of detectBottlenecks(input(builder, hot))) {
      const row = {
        id: 'b',
        run_id: 'r',
        baseline_id: null,
        workload: 'w',
        rank: 1,
        evidence_ids: [],
        created_at: '',
      };
      expect(bottleneckSchema.safeParse({ ...finding, ...row }).error).toBeUndefined();
      expect(finding.share.interval[0]).toBeLessThanOrEqual(finding.share.value);
      expect(finding.share.interval[1]).toBeGreaterThanOrEqual(finding.share.value);
    }
  });
});
