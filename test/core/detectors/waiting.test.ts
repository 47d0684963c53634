import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import { traceBuilder } from '../../support/trace-builder.ts';
import type { RequestBuilder } from '../../support/trace-builder.ts';
import { emptyInput, kindsOf } from './detector-input.ts';
import { AUTHOR, POSTS, find, only, tracedInput } from './traced-requests.ts';
import type { Body } from './traced-requests.ts';

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
    expect(kindsOf(rest)).toEqual([]);
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
    const found = kindsOf(detectBottlenecks(tracedInput(builder)));
    expect(found).toContain('event-loop-queueing');
    expect(found).not.toContain('slow-dependency');
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
      return detectBottlenecks(tracedInput(builder));
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

  it('is one of a connection or two that a crowd waits for, and no larger one', () => {
    const crowded = (connections: number) => {
      const [calm, crowd] = [traceBuilder(), traceBuilder()];
      calm.requests(120, 'GET /', (r, index) => r.query(POSTS, { ms: 10, input: `${index}` }), 20);
      const queue = (r: RequestBuilder, index: number) => {
        r.call('pool-wait', 'pool', { ms: 60, site: 'query@/app/src/db.js:7' });
        r.query(POSTS, { ms: 10, input: `${index}`, connection: `c${index % connections}` });
      };
      crowd.requests(120, 'GET /', queue, 10);
      const input = { ...tracedInput(calm), crowded: analyzeTrace(crowd.build(), ['/app']) };
      return detectBottlenecks(input).find(({ kind }) => kind === 'pool-too-small');
    };
    expect(crowded(1)?.share.of).toBe('time of the requests under full load');
    expect(crowded(4)).toBeUndefined();
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
    expect(kindsOf(rest)).not.toContain('slow-dependency');
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

  it('is not full where tasks are done at once and their answers lie there while the thread is busy', () => {
    const builder = traceBuilder();
    for (let burst = 0; burst < 30; burst++) {
      builder.requests(4, 'GET /', (r) => {
        r.call('file', 'fs.stat', { ms: 0.1 });
        r.cpu(5);
      });
      let untilMs = 0.1;
      // All come at once, and each is gone on with when those before it are through.
      builder.requests(
        12,
        'GET /',
        (r) => {
          r.call('file', 'fs.stat', { ms: untilMs });
          r.cpu(5);
          untilMs += 5;
        },
        0,
      );
      builder.requests(1, 'GET /', (r) => r.pause(100));
    }
    expect(kindsOf(detectBottlenecks(tracedInput(builder)))).not.toContain('thread-pool-saturated');
  });

  it('is not full where an idle thread itself is late, on a machine without time to spare', () => {
    const builder = traceBuilder();
    builder.requests(60, 'GET /', (r) => {
      r.call('file', 'fs.stat', { ms: 0.1 });
      r.cpu(0.3);
    });
    for (let burst = 0; burst < 30; burst++) {
      let untilMs = 20;
      // All come at once; nothing happens for 20 ms, and then all are there.
      builder.requests(
        16,
        'GET /',
        (r) => {
          r.call('file', 'fs.stat', { ms: untilMs });
          r.cpu(0.3);
          untilMs += 0.3;
        },
        0,
      );
      builder.requests(1, 'GET /', (r) => r.pause(100));
    }
    expect(kindsOf(detectBottlenecks(tracedInput(builder)))).not.toContain('thread-pool-saturated');
  });

  it('is full where tasks queue, though their answers lie there for a while as well', () => {
    const builder = traceBuilder();
    for (let burst = 0; burst < 30; burst++) {
      let busyMs = 0;
      builder.requests(
        16,
        'GET /',
        (r, index) => {
          const doneMs = 10 * (1 + Math.floor(index / 4));
          busyMs = Math.max(busyMs, doneMs);
          r.call('task', 'crypto.pbkdf2', { ms: busyMs, site: 'hash@/app/src/hash.js:2' });
          r.cpu(1);
          busyMs += 1;
        },
        0,
      );
      builder.requests(1, 'GET /', (r) => r.pause(200));
    }
    expect(kindsOf(detectBottlenecks(tracedInput(builder)))).toContain('thread-pool-saturated');
  });

  it('is as large as its process says', () => {
    const find = (poolThreads: number) => {
      const builder = traceBuilder();
      builder.requests(
        40,
        'GET /',
        tasks(16, (i) => 10 * (1 + Math.floor(i / 4))),
      );
      const threads = [{ name: 'main of pid 1', service: '1', poolThreads }];
      const trace = analyzeTrace(builder.build({ threads }), ['/app']);
      return detectBottlenecks(emptyInput({ trace, metrics: ['latency_p95_ms'] }));
    };
    // Sixteen tasks never wait for one of sixteen threads, whatever makes them slow.
    expect(kindsOf(find(16))).not.toContain('thread-pool-saturated');
    expect(find(4)[0]).toMatchObject({
      kind: 'thread-pool-saturated',
      detail: expect.stringContaining('the pool has 4 threads') as string,
    });
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
