import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectBottlenecks, type Finding } from '../../../src/core/detectors/index.ts';
import { importEvidence, importProfile } from '../../../src/core/importers/index.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import type { ProfileAnalysis } from '../../../src/core/profile/analyze.ts';
import { hotLinesOfFunction } from '../../../src/core/profile/hot-lines.ts';
import type { Trace } from '../../../src/core/trace/model.ts';

const folder = new URL('../../fixtures/imports/', import.meta.url);

function read(file: string): Uint8Array {
  const bytes = readFileSync(new URL(file, folder));
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** Without a name, so that the content alone has to tell. */
function analyze(file: string): ProfileAnalysis {
  return analyzeProfile(importProfile(read(file)).profile, ['/srv/app']);
}

function topFunctions({ functions }: ProfileAnalysis, count: number): readonly string[] {
  return functions
    .filter(({ isUser }) => isUser)
    .slice(0, count)
    .map(({ frame, file }) => `${frame.name} ${file ?? ''}`);
}

function findIn(attribution: ProfileAnalysis): readonly Finding[] {
  return detectBottlenecks({
    attribution,
    runtime: null,
    load: { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
    cores: 1,
    metrics: [],
    sources: new Map(),
  });
}

const JS = ['joinOrders work.cjs', 'countPrimes work.cjs'];
const PAGE = ['joinOrders', 'countPrimes'].map((name) => `${name} http://127.0.0.1:8080/page.js`);
const PYTHON = ['join_orders work.py', 'render work.py', 'count_primes work.py'];

describe('recorded profiles name the functions that cost', () => {
  it.each([
    ['node/20/work.cpuprofile', 'wall_us', JS],
    ['node/22/work.cpuprofile', 'wall_us', JS],
    ['node/24/work.cpuprofile', 'wall_us', JS],
    ['0x/6.0.0/ticks.json.gz', 'samples', JS],
    ['0x/5.8.0/ticks.json.gz', 'samples', JS],
    ['datadog-pprof/5.20.0/wall.pb.gz', 'wall_us', JS],
    ['datadog-pprof/5.3.0/wall.pb.gz', 'wall_us', JS],
    ['perf/6.1/node-20.txt', 'cpu_us', JS],
    ['perf/6.1/node-22.txt', 'cpu_us', JS],
    ['go/1.19/cpu.pb.gz', 'cpu_us', ['main.joinOrders main.go', 'main.countPrimes main.go']],
    ['py-spy/0.4.2/raw.txt', 'samples', PYTHON],
    ['py-spy/0.4.2/threads-functions.txt', 'samples', PYTHON],
    ['py-spy/0.4.2/speedscope.json', 'wall_us', PYTHON],
    ['speedscope/1.13.0/from-cpuprofile.json', 'wall_us', JS],
    ['speedscope/1.25.0/from-cpuprofile.json', 'wall_us', JS],
    ['chromium/119/trace.json', 'wall_us', PAGE],
    ['chromium/156/trace.json', 'wall_us', PAGE],
    ['pyroscope-nodejs/0.4.13/wall.pb.gz', 'wall_us', JS],
    ['pyroscope-nodejs/0.6.4/wall.pb.gz', 'wall_us', JS],
  ] as const)('%s', (file, weight, expected) => {
    const analysis = analyze(file);
    expect(analysis.profile.weight).toBe(weight);
    expect([...topFunctions(analysis, expected.length)].sort()).toEqual([...expected].sort());
    const { parent } = analysis.profile.nodes;
    expect(parent.every((above, node) => above < node)).toBe(true);
  });

  it.each(['node/20', 'node/22', 'node/24'])('%s allocates in bytes', (version) => {
    const analysis = analyze(`${version}/work.heapprofile`);
    expect(analysis.profile.weight).toBe('bytes');
    const sizes = [
      ...new TextDecoder().decode(read(`${version}/work.heapprofile`)).matchAll(/"selfSize":(\d+)/g),
    ];
    expect(sizes.length).toBeGreaterThan(10);
    expect(analysis.totals.all).toBe(sizes.reduce((sum, [, size]) => sum + Number(size), 0));
  });

  it.each(['5.20.0', '5.3.0'])('heap of @datadog/pprof %s', (version) => {
    const analysis = analyze(`datadog-pprof/${version}/heap.pb.gz`);
    expect(analysis.profile.weight).toBe('bytes');
    expect(topFunctions(analysis, 1)).toEqual(['shuffleText work.cjs']);
  });

  it.each(['0.4.13', '0.6.4'])('heap of Pyroscope for Node.js %s', (version) => {
    const analysis = analyze(`pyroscope-nodejs/${version}/heap.pb.gz`);
    expect(analysis.profile.weight).toBe('bytes');
    expect(topFunctions(analysis, 1)).toEqual(['shuffleText work.cjs']);
  });

  it('Pyroscope writes places into names, which are taken out of them', () => {
    const { functions } = analyze('pyroscope-nodejs/0.6.4/wall.pb.gz');
    const join = functions.find(({ frame }) => frame.name === 'joinOrders');
    expect([join?.file, join?.frame.line]).toEqual(['work.cjs', 5]);
    expect(functions.filter(({ frame }) => frame.name.includes(':'))).toEqual([]);
  });

  it('what speedscope saved of a CPU profile tells nearly the same times as the profile', () => {
    const sharesIn = (file: string) =>
      new Map(analyze(file).functions.map(({ frame, selfShare }) => [frame.name, selfShare]));
    const original = sharesIn('node/22/work.cpuprofile');
    for (const version of ['1.13.0', '1.25.0']) {
      const saved = sharesIn(`speedscope/${version}/from-cpuprofile.json`);
      // It gives the time between two samples to the first of them, and we to the second.
      for (const name of ['joinOrders', 'countPrimes', 'shuffleText', 'hashPassword'])
        expect(Math.abs((saved.get(name) ?? 1) - (original.get(name) ?? 0)), name).toBeLessThan(0.1);
    }
  });

  it('the heap of Go by what is in use, and says that it chose', () => {
    const { profile, warnings } = importProfile(read('go/1.19/heap.pb.gz'));
    expect(profile.weight).toBe('bytes');
    expect(topFunctions(analyzeProfile(profile, ['/srv/app']), 1)).toEqual(['main.render main.go']);
    expect(warnings.map(({ code }) => code)).toEqual(['import_one_of_values']);
  });

  it('a CPU profile and the ticks of 0x of one program agree on the first three functions', () => {
    const names = topFunctions(analyze('node/20/work.cpuprofile'), 3);
    expect(names).toEqual([...JS, 'hashPassword work.cjs']);
    expect(topFunctions(analyze('0x/6.0.0/ticks.json.gz'), 3)).toEqual(names);
    expect(topFunctions(analyze('0x/5.8.0/ticks.json.gz'), 3)).toEqual(names);
  });

  it('the first three findings about both are the same too', () => {
    const found = (file: string) =>
      findIn(analyze(file))
        .slice(0, 3)
        .map(({ location }) => location.function);
    const ofProfile = found('node/20/work.cpuprofile');
    expect(ofProfile).toHaveLength(3);
    expect(found('0x/6.0.0/ticks.json.gz')).toEqual(ofProfile);
    expect(found('0x/5.8.0/ticks.json.gz')).toEqual(ofProfile);
  });

  it('our samplers in Python tell the first line of a function beside the one that ran', () => {
    const main = 'main (/srv/app/a.py:1:9)';
    const stacks = `${main};work (/srv/app/a.py:3:5) 40\n${main};work (/srv/app/a.py:3:6) 2.5\n`;
    const analysis = analyzeProfile(importProfile(stacks).profile, ['/srv/app']);
    const [work] = analysis.functions;
    expect([work?.frame.name, work?.file, work?.frame.line]).toEqual(['work', 'a.py', 3]);
    const lines = hotLinesOfFunction(analysis, work?.frameIndex ?? -1);
    expect(lines.map(({ line, weight }) => [line, weight])).toEqual([
      [5, 40],
      [6, 2.5],
    ]);
  });

  it("charges the library of Python and Go to the program's own functions", () => {
    const python = analyze('py-spy/0.4.2/raw.txt').functions.find(({ frame }) => frame.name === 'render');
    expect(python?.calls[0]?.name).toBe('json.dumps');
    const go = analyze('go/1.19/cpu.pb.gz').functions.find(({ frame }) => frame.name === 'main.render');
    expect(go?.calls[0]?.name).toBe('encoding/json.Marshal');
  });

  it('tells lines that ran from first lines of functions', () => {
    const ran = analyze('py-spy/0.4.2/raw.txt');
    expect(ran.functions[0]?.frame.line).toBeUndefined();
    expect(ran.profile.lines.size).toBeGreaterThan(0);
    expect(analyze('py-spy/0.4.2/threads-functions.txt').functions[0]?.frame.line).toBe(7);
  });

  it('native code of a C program has its name', () => {
    const names = analyze('perf/6.1/c.txt').functions.map(({ frame }) => frame.name);
    expect(names).toEqual(expect.arrayContaining(['count_primes', 'cmp']));
  });
});

describe('OTLP of OpenTelemetry for Node.js', () => {
  it.each(['0.223.0', '0.52.1'])('%s: requests, statements, calls and failures', (version) => {
    const imported = importEvidence(read(`opentelemetry-js/${version}/traces.json`));
    expect(imported.gives).toBe('trace');
    if (imported.gives === 'trace') expectShop(imported.trace);
  });
});

function expectShop(trace: Trace): void {
  expect(trace.producer).toBe('otlp');
  expect(trace.threads[0]?.service).toBe('shop');
  const requests = trace.spans.filter(
    ({ kind, name }) => kind === 'request' && name === 'GET /posts/{author}',
  );
  expect(requests).toHaveLength(2);
  const ofFirst = trace.spans.filter((span) => span.trace === requests[0]?.trace);
  const comments = ofFirst.filter(({ kind, name }) => kind === 'query' && name.includes('comments'));
  // The planted N+1: one shape, five different values.
  expect(comments).toHaveLength(5);
  expect(new Set(comments.map(({ statement }) => statement)).size).toBe(1);
  expect(new Set(comments.map(({ input }) => input)).size).toBe(5);
  expect(ofFirst.some(({ kind, name }) => kind === 'outbound' && name.includes('/prices/{id}'))).toBe(true);
  expect(trace.spans.some(({ kind, failed }) => kind === 'query' && failed)).toBe(true);
  expect(
    trace.spans.every(({ startUs, endUs }) => startUs >= 0 && endUs !== undefined && endUs >= startUs),
  ).toBe(true);
}
