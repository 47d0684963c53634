import { describe, expect, it } from 'vitest';
import {
  DETECTORS,
  detectBottlenecks,
  filesWorthReading,
  summarizeRuntime,
} from '../../../src/core/detectors/index.ts';
import type { Finding } from '../../../src/core/detectors/index.ts';
import { eventLoopBlocked } from '../../../src/core/detectors/event-loop-blocked.ts';
import { rankFindings } from '../../../src/core/detectors/rank.ts';
import { countEnclosingLoops } from '../../../src/core/detectors/source-reading.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { tinyProfile } from '../profile/tiny-profile.ts';
import type { Stack } from '../profile/tiny-profile.ts';
import { expectWhole, FLAT, kindsOf, profiledInput } from './detector-input.ts';
import { RECORDED_PROGRAMS, recordedInput } from './recorded.ts';
import type { RecordedProgram } from './recorded.ts';

describe('recorded programs', () => {
  it.each<[RecordedProgram, string, string | undefined, readonly string[]]>([
    [
      'json-heavy',
      'json-hot-path',
      'renderCatalogue',
      ['calls:JSON.stringify', 'calls:JSON.parse', 'line:10'],
    ],
    ['nested-loop', 'hot-function', 'joinOrders', ['nested-loops', 'own-code']],
    ['sync-crypto', 'sync-crypto-or-compression', 'hashPassword', ['calls:crypto.pbkdf2Sync']],
    ['compression', 'sync-crypto-or-compression', 'packReport', ['calls:zlib.*Sync']],
    ['gc-churn', 'gc-pressure', undefined, ['gc', 'candidate:makeEvents']],
    ['regexp', 'catastrophic-regexp', 'isSentence', ['backtracking', 'nested-quantifier']],
    ['regexp-linear', 'regexp-hot-path', 'readLine', ['calls:RegExp']],
    ['formatter', 'formatter-per-call', 'day', ['intl', 'line:8']],
    ['exceptions', 'exceptions-as-control-flow', 'readField', ['exceptions']],
    ['template', 'template-compiled-per-request', 'renderList', ['compile', 'package:handlebars']],
    ['logging', 'logging-cost', 'checkOrder', ['logging']],
    ['transpiled', 'transpiled-helper', 'withPrefixes', ['helper:__read', 'helper:__spreadArray']],
    ['hot-line', 'hot-line', 'distance', ['line:15', 'nested-loops']],
    ['sync-file-io', 'sync-file-io', 'loadTemplates', ['calls:fs.readFileSync', 'calls:fs.statSync']],
    ['array-sort', 'hot-function', 'topPlayers', ['calls:Array.sort', 'sort']],
  ])('%s: the planted bottleneck comes first, as %s', (program, kind, name, signals) => {
    const [first, ...rest] = detectBottlenecks(recordedInput(program));
    expect(first?.kind).toBe(kind);
    expect(first?.location.function).toBe(name);
    expect(first?.signals).toEqual(expect.arrayContaining([...signals]));
    if (name !== undefined) expect(first?.location.file).toBe(`${program}.mjs`);
    // Nothing else names the same function.
    expect(rest.filter(({ location }) => name !== undefined && location.function === name)).toEqual([]);
  });

  it.each<[RecordedProgram, string]>([
    ['formatter-kept', 'formatter-per-call'],
    ['exceptions-none', 'exceptions-as-control-flow'],
    ['template-kept', 'template-compiled-per-request'],
    ['native-spread', 'transpiled-helper'],
    ['regexp-linear', 'catastrophic-regexp'],
    ['nested-loop', 'hot-line'],
  ])('%s: the program without it has no %s', (program, kind) => {
    expect(kindsOf(detectBottlenecks(recordedInput(program)))).not.toContain(kind);
  });

  it('logging-quiet: one line a request stays far below what the program that logs in a loop pays', () => {
    const share = (program: RecordedProgram) =>
      detectBottlenecks(recordedInput(program)).find(({ kind }) => kind === 'logging-cost')?.share.value ?? 0;
    expect(share('logging-quiet')).toBeLessThan(share('logging') / 4);
  });

  it('functions that do the work are told under the finding that names who asks for it', () => {
    for (const program of ['exceptions', 'template', 'transpiled'] as const) {
      const [first] = detectBottlenecks(recordedInput(program));
      expect(first?.symptoms?.length).toBeGreaterThan(0);
    }
  });

  it('healthy: nothing is found', () => {
    expect(detectBottlenecks(recordedInput('healthy'))).toEqual([]);
  });

  it.each(RECORDED_PROGRAMS)('%s: findings have everything a bottleneck needs', (program) => {
    for (const finding of detectBottlenecks(recordedInput(program))) expectWhole(finding);
  });

  it('without sources the place is the same, only the kind of work is unknown where V8 has no frame for it', () => {
    const places = (['json-heavy', 'regexp', 'array-sort'] as const).map((program) => {
      const [first] = detectBottlenecks(recordedInput(program, { withSources: false }));
      return [first?.kind, first?.location.function];
    });
    expect(places).toEqual([
      ['hot-function', 'renderCatalogue'],
      ['hot-function', 'isSentence'],
      ['hot-function', 'topPlayers'],
    ]);
  });

  it('names the files whose text is worth reading', () => {
    expect(filesWorthReading(recordedInput('nested-loop').attribution)).toEqual(['nested-loop.mjs']);
  });
});

describe('negatives', () => {
  it('a flat profile has no findings', () => {
    expect(detectBottlenecks(profiledInput(FLAT))).toEqual([]);
  });

  it('an idle process has none, however its few samples fall', () => {
    const few = [
      { stack: '(idle)', ms: 5000 },
      { stack: 'handle@/app/src/a.js:1', ms: 20 },
    ];
    expect(detectBottlenecks(profiledInput(few))).toEqual([]);
  });

  it('a share that so few samples leave open is none', () => {
    // 2 of 34 samples are 5.9 %, with an interval from 1.6 %.
    const stacks = Array.from({ length: 32 }, (_, index) => ({
      stack: `f${index}@/app/a.js:${index + 1}`,
      ms: 1,
    }));
    expect(detectBottlenecks(profiledInput([...stacks, { stack: 'hot@/app/src/hot.js:1', ms: 2 }]))).toEqual(
      [],
    );
  });

  it('socket writes below response.end() are not blamed on the handler', () => {
    const stacks = [
      ...FLAT.slice(0, 40),
      { stack: 'handle@/app/src/a.js:1 > end@node:_http_outgoing:1 > writev', ms: 600 },
    ];
    expect(detectBottlenecks(profiledInput(stacks))).toEqual([]);
  });

  it('a saturated core is no finding when there is only one, or when several are busy', () => {
    const load = { busyShareOfCore: 1, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} };
    expect(detectBottlenecks(profiledInput(FLAT, { load, cores: 1 }))).toEqual([]);
    expect(detectBottlenecks(profiledInput(FLAT, { load: { ...load, busyShareOfCore: 2.5 } }))).toEqual([]);
  });
});

describe('hand-made evidence', () => {
  const hot: readonly Stack[] = [
    ...FLAT.slice(0, 60),
    { stack: 'hot@/app/src/hot.js:10', ms: 400, line: 12 },
  ];

  it('gives share, interval and ceilings of a hot function', () => {
    const load = { busyShareOfCore: 0.5, cpuUsPerRequest: 1000, ratePerS: null, latencyMs: {} };
    const [finding] = detectBottlenecks(profiledInput(hot, { load }));
    expect(finding).toMatchObject({
      kind: 'hot-function',
      location: { function: 'hot', file: 'src/hot.js', line: 10 },
      share: { value: 0.4, n: 1000 },
      self_share: 0.4,
    });
    // Wilson for 400 of 1000.
    expect(finding?.share.interval[0]).toBeCloseTo(0.3701, 4);
    expect(finding?.share.interval[1]).toBeCloseTo(0.4307, 4);
    const gains = new Map(finding?.ceilings.map(({ metric, gain }) => [metric, gain]));
    expect(gains.get('cpu_us_per_request')).toBeCloseTo(0.4, 10);
    expect(gains.get('throughput_rps')).toBeCloseTo(0.25, 10);
  });

  it.each<[string, readonly Stack[] | undefined, string, RegExp]>([
    ['no plain profile', undefined, 'medium', /no plain profile/],
    ['agreement', hot, 'high', /40 % here, 40 % in the plain/],
    ['disagreement', [...FLAT, { stack: 'hot@/app/src/hot.js:10', ms: 50 }], 'low', /differ/],
    ['inlined away', FLAT, 'medium', /inlined away/],
  ])('confidence with %s', (_, plain, level, reason) => {
    const more = plain === undefined ? {} : { plain: analyzeProfile(tinyProfile(plain), ['/app']) };
    const [finding] = detectBottlenecks(profiledInput(hot, more));
    expect(finding?.confidence.level).toBe(level);
    expect(finding?.confidence.reason).toMatch(reason);
  });

  it('names the package of a hot dependency, and database clients in the profile', () => {
    const stacks = [
      ...FLAT.slice(0, 80),
      { stack: 'parseRow@/app/node_modules/pg/lib/result.js:90', ms: 200 },
    ];
    const [finding] = detectBottlenecks(profiledInput(stacks));
    expect(finding?.location.package).toBe('pg');
    expect(finding?.signals).toEqual(expect.arrayContaining(['package:pg', 'database-client:pg']));
  });

  it('sees JSON and regular expressions as frames, where V8 shows them', () => {
    const stacks = [
      ...FLAT.slice(0, 50),
      { stack: 'render@/app/src/r.js:1 > stringify', ms: 300 },
      { stack: 'check@/app/src/c.js:1 > RegExp: ^(a+)+$', ms: 200 },
    ];
    const findings = detectBottlenecks(profiledInput(stacks));
    expect(kindsOf(findings)).toEqual(['json-hot-path', 'catastrophic-regexp']);
    expect(findings[1]?.signals).toContain('nested-quantifier');
    expect(findings[1]?.detail).toContain('/^(a+)+$/');
  });

  it('a line that only looks like a regular expression is doubted', () => {
    const sources = new Map([['src/hot.js', [...Array<string>(11).fill(''), 'return suite.test(value);']]]);
    const [finding] = detectBottlenecks(profiledInput(hot, { sources }));
    expect(finding).toMatchObject({ kind: 'regexp-hot-path', confidence: { level: 'low' } });
  });

  it('keeps the function beside a specific finding that explains little of it', () => {
    const stacks = [
      ...FLAT.slice(0, 40),
      { stack: 'render@/app/src/r.js:1', ms: 500 },
      { stack: 'render@/app/src/r.js:1 > stringify', ms: 100 },
    ];
    expect(kindsOf(detectBottlenecks(profiledInput(stacks)))).toEqual(['hot-function', 'json-hot-path']);
  });

  it('finds garbage collection by the profile or by the runtime', () => {
    const runtime = {
      eventLoopDelayP99Ms: 3,
      eventLoopDelayMaxMs: 5,
      eventLoopUtilization: 0.9,
      gcShare: 0.2,
      durationMs: 5000,
    };
    const withGc = [...FLAT.slice(0, 80), { stack: '(garbage collector)', ms: 200 }];
    const [both] = detectBottlenecks(profiledInput(withGc, { runtime }));
    expect(both).toMatchObject({ kind: 'gc-pressure', share: { value: 0.2 }, confidence: { level: 'high' } });
    expect(both?.ceilings).toContainEqual(expect.objectContaining({ metric: 'gc_share', gain: 1 }));
    expect(detectBottlenecks(profiledInput(FLAT, { runtime }))[0]).toMatchObject({
      kind: 'gc-pressure',
      share: { of: 'time of the measured window' },
      confidence: { level: 'medium' },
    });
    expect(detectBottlenecks(profiledInput(FLAT, { runtime: { ...runtime, gcShare: 0.05 } }))).toEqual([]);
  });

  it('ranks symptoms after causes', () => {
    const runtime = {
      eventLoopDelayP99Ms: 120,
      eventLoopDelayMaxMs: 200,
      eventLoopUtilization: 1,
      gcShare: 0.01,
      durationMs: 5000,
    };
    const load = { busyShareOfCore: 1, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} };
    const findings = detectBottlenecks(profiledInput(hot, { runtime, load }));
    expect(kindsOf(findings)).toEqual(['hot-function', 'single-core-saturated']);
    // Its candidate was found by itself, which explains it.
    expect(findings[0]?.symptoms?.join()).toContain('120 ms');
    expect(findings[0]?.signals).toContain('blocking');
    expect(findings[0]?.ceilings.map(({ metric }) => metric)).toContain('event_loop_delay_p99_ms');
    const [blocked] = detectBottlenecks(profiledInput(hot, { runtime, load }), [eventLoopBlocked]);
    expect(blocked?.location.function).toBe('hot');
    expect(blocked?.confidence.level).toBe('medium');
    const saturated = findings.find(({ kind }) => kind === 'single-core-saturated');
    expect(saturated?.ceilings).toMatchObject([{ metric: 'throughput_rps', gain: 3, interval: [2, 3] }]);
  });
});

describe('rankFindings', () => {
  it('orders by share times confidence', () => {
    const [base] = detectBottlenecks(
      profiledInput([...FLAT.slice(0, 60), { stack: 'hot@/app/src/hot.js:10', ms: 400 }]),
    );
    if (base === undefined) throw new Error('no finding');
    const vary = (name: string, value: number, level: 'high' | 'medium' | 'low'): Finding => ({
      ...base,
      location: { function: name },
      share: { ...base.share, value },
      confidence: { level, reason: '' },
    });
    const ranked = rankFindings(
      [vary('unsure', 0.5, 'low'), vary('sure', 0.3, 'high'), vary('half', 0.4, 'medium')],
      new Map(),
    );
    expect(ranked.map(({ location }) => location.function)).toEqual(['sure', 'half', 'unsure']);
  });

  it('has a detector for each id once', () => {
    expect(new Set(DETECTORS.map(({ id }) => id)).size).toBe(DETECTORS.length);
  });
});

describe('summarizeRuntime', () => {
  const window = {
    pid: 1,
    threadId: 0,
    durationMs: 1000,
    eventLoopDelay: { p50Ms: 1, p99Ms: 10, maxMs: 20 },
    eventLoopUtilization: 0.8,
    gcMs: { minor: 50, major: 30, incremental: 20, weakcb: 0 },
    processCpuUs: 1,
    heapUsedBytes: 1,
    rssBytes: 1,
    allocatedBytes: null,
    outboundCalls: 0,
    inboundRequests: 20,
    queries: null,
    activeHandles: null,
  };

  it('takes the busiest thread, its worst delay and the mean of the rest', () => {
    const summary = summarizeRuntime([
      { ...window, pid: 2, eventLoopUtilization: 0.01, gcMs: { ...window.gcMs, major: 900 } },
      window,
      { ...window, eventLoopDelay: { p50Ms: 1, p99Ms: 60, maxMs: 90 }, eventLoopUtilization: 0.6 },
    ]);
    expect(summary).toMatchObject({
      eventLoopDelayP99Ms: 60,
      eventLoopDelayMaxMs: 90,
      gcShare: 0.1,
      durationMs: 2000,
    });
    expect(summary?.eventLoopUtilization).toBeCloseTo(0.7, 10);
  });

  it('knows nothing without windows, and no delay without timers', () => {
    expect(summarizeRuntime([])).toBeNull();
    expect(summarizeRuntime([{ ...window, eventLoopDelay: null }])?.eventLoopDelayP99Ms).toBeNull();
  });
});

describe('reading sources', () => {
  const loopsOf = (text: string, hotLine: number) => {
    const analysis = analyzeProfile(tinyProfile([{ stack: 'f@/app/a.js:1', ms: 10, line: hotLine }]), [
      '/app',
    ]);
    const [cost] = analysis.functions;
    if (cost === undefined) throw new Error('no function');
    return countEnclosingLoops(analysis, cost, new Map([['a.js', text.split('\n')]]));
  };

  it('counts the loops around a line', () => {
    const text = [
      'function f(list) {',
      '  for (const a of list) {',
      '    check(a);',
      '  }',
      '  list.forEach((a) => {',
      '    while (a.next()) {',
      '      a.work();',
      '    }',
      '  });',
      '  for (const a of list)',
      '    if (list.includes(a)) hit();',
      '  return list; // for (later)',
      '}',
    ].join('\n');
    expect(loopsOf(text, 3)).toBe(1);
    expect(loopsOf(text, 7)).toBe(2);
    expect(loopsOf(text, 11)).toBe(2);
    expect(loopsOf(text, 12)).toBe(0);
  });
});
