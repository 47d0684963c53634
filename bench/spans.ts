import { detectBottlenecks } from '../src/core/detectors/index.ts';
import { analyzeProfile } from '../src/core/profile/analyze.ts';
import { createProfileBuilder } from '../src/core/profile/builder.ts';
import { seededRandom } from '../src/core/random.ts';
import { median } from '../src/core/stats/index.ts';
import { analyzeTrace } from '../src/core/trace/analyze.ts';
import type { Run, Span, SpanKind, Statement, Trace } from '../src/core/trace/model.ts';
import { judge, rangeOf, type Bench } from './bench.ts';

const SPANS = 100_000;
const REPETITIONS = 11;
const MAX_MS = 2000;

export const spans: Bench = {
  name: 'spans',
  title: 'A trace analysed',
  method: `${SPANS.toLocaleString('en')} spans of about 2,000 requests, 16 at a time on one thread, made from seed 1: half of them run 60 equal queries one after the other, the others a mixture of parallel queries, calls and waits for a pool. ${REPETITIONS} times in one process: requests grown and split, and then all detectors.`,
  run: () => {
    const trace = makeTrace();
    const analysed: number[] = [];
    const detected: number[] = [];
    const empty = analyzeProfile(createProfileBuilder('samples').build([]));
    for (let i = 0; i < REPETITIONS; i++) {
      const started = performance.now();
      const analysis = analyzeTrace(trace);
      const between = performance.now();
      detectBottlenecks({
        attribution: empty,
        trace: analysis,
        runtime: null,
        load: { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
        cores: 2,
        metrics: ['latency_p99_ms'],
        sources: new Map(),
      });
      analysed.push(between - started);
      detected.push(performance.now() - started);
    }
    return Promise.resolve([
      { what: 'requests grown and split', ...figureOf(analysed) },
      {
        what: 'with all detectors',
        ...figureOf(detected),
        target: `under ${MAX_MS} ms`,
        outcome: judge([Math.min(...detected), Math.max(...detected)], MAX_MS),
      },
    ]);
  },
};

function figureOf(ms: readonly number[]) {
  return { value: `${median(ms).toFixed(0)} ms`, spread: `${rangeOf(ms, 0)} ms`, n: ms.length };
}

const STATEMENTS: readonly Statement[] = Array.from({ length: 20 }, (_, index) => ({
  fingerprint: `fp${index}`,
  text: `select * from t${index} where id = ?`,
  engine: 'postgres',
}));

function makeTrace(): Trace {
  const random = seededRandom(1);
  const made: Span[] = [];
  const runs: Run[] = [];
  let id = 0;
  let startUs = 0;
  const lanes = new Float64Array(16);
  for (let request = 0; made.length < SPANS; request++) {
    const lane = lanes.indexOf(Math.min(...lanes));
    const trace = `r${request}`;
    const from = lanes[lane] ?? 0;
    let now = from;
    const children: Span[] = [];
    const add = (kind: SpanKind, name: string, lengthUs: number, more: Partial<Span> = {}) => {
      const child: Span = {
        id: `s${id++}`,
        parent: trace,
        trace,
        kind,
        name,
        startUs: now,
        endUs: now + lengthUs,
        thread: 0,
        failed: false,
        input: `i${random.int(1000)}`,
        connection: `c${random.int(10)}`,
        ...more,
      };
      children.push(child);
      return lengthUs;
    };
    const run = (lengthUs: number) => {
      // One thread: a run begins when the last one has ended.
      startUs = Math.max(startUs, now);
      runs.push({ trace, thread: 0, startUs, endUs: startUs + lengthUs });
      startUs += lengthUs;
      now = startUs;
    };
    run(100);
    if (request % 2 === 0) {
      const statement = random.int(STATEMENTS.length);
      for (let i = 0; i < 60; i++) {
        now += add('query', '', 200 + random.int(400), { statement });
        run(20);
      }
    } else {
      for (let i = 0; i < 10; i++) {
        let longest = 0;
        for (let j = 0; j < 3; j++) {
          const statement = random.int(STATEMENTS.length);
          longest = Math.max(longest, add('query', '', 300 + random.int(3000), { statement }));
        }
        now += longest;
        now += add('pool-wait', 'pool', random.int(500));
        run(50);
      }
      now += add('outbound', 'GET http://localhost/{id}', 5000);
      run(200);
    }
    lanes[lane] = now;
    made.push(
      {
        id: trace,
        trace,
        kind: 'request',
        name: `GET /${request % 2}`,
        startUs: from,
        endUs: now,
        thread: 0,
        failed: false,
      },
      ...children,
    );
  }
  return {
    spans: made.slice(0, SPANS).sort((a, b) => a.startUs - b.startUs),
    statements: STATEMENTS,
    sites: [],
    runs,
    collections: [],
    threads: [{ name: 'main', service: '1' }],
    dropped: 0,
    producer: 'tracer',
  };
}
