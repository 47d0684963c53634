import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createNativeProfiler } from '../../src/adapters/native/native-profiler.ts';
import { createProcesses } from '../../src/adapters/process/processes.ts';
import { detectBottlenecks } from '../../src/core/detectors/index.ts';
import { importProfile } from '../../src/core/importers/index.ts';
import { analyzeProfile } from '../../src/core/profile/analyze.ts';
import { goalsSchema } from '../../src/core/model/goals.ts';
import { emptyInput } from '../core/detectors/detector-input.ts';
import { REPOSITORY, truthSchema } from '../support/bottleneck-examples.ts';
import { withoutPySpy } from '../support/without-py-spy.ts';

const example = join(REPOSITORY, 'examples', 'traced-service-py');
const hasPython = spawnSync('python3', ['--version']).status === 0;

const attributeSchema = z.object({
  key: z.string(),
  value: z.union([z.object({ stringValue: z.string() }), z.object({ intValue: z.string() })]),
});
const spanSchema = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(attributeSchema),
});
const exportSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attributeSchema) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});
type Span = z.infer<typeof spanSchema>;

function attributesOf(list: readonly z.infer<typeof attributeSchema>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    list.map(({ key, value }) => [key, 'intValue' in value ? value.intValue : value.stringValue]),
  );
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(example, name), 'utf8'));

it('has goals and truths that the schemas take, about functions that are there', () => {
  const { workloads, objectives } = goalsSchema.parse(readJson('goals.json'));
  expect(workloads.map(({ name }) => name)).toEqual(['records']);
  for (const { workload } of objectives) expect(workload).toBe('records');
  const { truths } = z.object({ truths: z.array(truthSchema) }).parse(readJson('truth.json'));
  for (const { location } of truths) {
    const text = readFileSync(join(example, location.file), 'utf8');
    for (const name of location.functions ?? []) expect(text).toContain(`def ${name}(`);
  }
});

describe.skipIf(!hasPython)('examples/traced-service-py (skipped where there is no python3)', () => {
  const received: { readonly path: string; readonly type: string; readonly text: string }[] = [];
  const collector = createServer((request, response) => {
    let text = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (text += chunk))
      .on('end', () => {
        received.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', text });
        response.end('{}');
      });
  });
  const answers: unknown[] = [];
  let exit: readonly unknown[] = [];

  beforeAll(async () => {
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const { port } = collector.address() as AddressInfo;
    const service = spawn('python3', ['server.py'], {
      cwd: example,
      env: {
        ...process.env,
        PORT: '0',
        PYTHONDONTWRITEBYTECODE: '1',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_SERVICE_NAME: 'records-test',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(service, 'exit');
    const [line] = (await once(service.stdout.setEncoding('utf8'), 'data')) as [string];
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    for (const [path, headers] of [
      ['/albums?page=2', {}],
      ['/search?q=blue+nigth', { traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` }],
      ['/search', {}],
    ] as const) {
      const response = await fetch(url + path, { headers });
      answers.push([response.status, await response.json()]);
    }
    service.kill('SIGTERM');
    exit = await exited;
  });
  afterAll(() => collector.close());

  const exports = () => received.map(({ text }) => exportSchema.parse(JSON.parse(text)));
  const spans = (): readonly Span[] =>
    exports().flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );

  it('answers, and leaves cleanly on SIGTERM', () => {
    expect(answers).toEqual([
      [200, { page: 2, albums: expect.any(Array) as unknown }],
      [200, { q: 'blue nigth', albums: expect.any(Array) as unknown }],
      [400, { error: 'q is missing' }],
    ]);
    expect(answers[0]).toMatchObject([200, { albums: { length: 20, 0: { id: 21, artist: 'Artist 28' } } }]);
    expect(answers[1]).toMatchObject([200, { albums: { length: 5 } }]);
    expect(exit).toEqual([0, null]);
  });

  it('sends OTLP in JSON under its name', () => {
    expect(new Set(received.map(({ path, type }) => `${path} ${type}`))).toEqual(
      new Set(['/v1/traces application/json']),
    );
    for (const { resourceSpans } of exports()) {
      expect(attributesOf(resourceSpans[0]?.resource.attributes ?? [])['service.name']).toBe('records-test');
    }
  });

  it('has a span for each request, and one below it for each statement', () => {
    const roots = spans().filter(({ kind }) => kind === 2);
    expect(roots.map(({ attributes }) => attributesOf(attributes))).toEqual([
      expect.objectContaining({ 'http.route': '/albums', 'http.response.status_code': '200' }),
      expect.objectContaining({ 'http.route': '/search', 'http.response.status_code': '200' }),
      expect.objectContaining({ 'http.route': '/search', 'http.response.status_code': '400' }),
    ]);
    const [albums, search] = roots;
    expect(albums?.parentSpanId).toBeUndefined();
    expect(search).toMatchObject({ traceId: 'ab'.repeat(16), parentSpanId: 'cd'.repeat(8) });
    const statements = spans().filter(({ parentSpanId }) => parentSpanId === albums?.spanId);
    for (const one of statements) {
      expect(one).toMatchObject({ kind: 3, name: 'SELECT', traceId: albums?.traceId });
      expect(BigInt(one.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(albums?.startTimeUnixNano ?? 0));
      expect(BigInt(one.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(albums?.endTimeUnixNano ?? 0));
    }
    const repeated = statements
      .map(({ attributes }) => attributesOf(attributes))
      .filter((one) => one['db.query.text'] === 'select name from artists where id = ?');
    expect([statements.length, repeated.length]).toEqual([21, 20]);
    expect(repeated[0]).toMatchObject({ 'db.system.name': 'sqlite', 'code.function.name': 'artist_name' });
    expect(repeated[0]?.['code.file.path']).toMatch(/catalogue\.py$/);
  });

  it('has its hot function named by a sampler in it, where py-spy is not installed', async () => {
    const processes = createProcesses();
    const sampler = await createNativeProfiler({
      processes: withoutPySpy(processes),
      env: {},
      pythonSamplersDirectory: join(REPOSITORY, 'src', 'adapters', 'native', 'python'),
    }).beside({ PATH: process.env['PATH'] ?? '', PORT: '0', PYTHONDONTWRITEBYTECODE: '1' });
    const service = processes.spawn({ command: ['python3', 'server.py'], cwd: example, env: sampler.env });
    try {
      await expect.poll(() => service.output().stdout, { timeout: 20_000 }).toContain('http:');
      const url = /http:\S+/.exec(service.output().stdout)?.[0] ?? '';
      let isOver = false;
      const load = ['/albums', '/albums?page=3', '/search?q=silvent+nigth'].map(async (path) => {
        while (!isOver) await (await fetch(url + path)).text();
      });
      const { signal } = new AbortController();
      const { pids } = await service.usage();
      const { content } = await sampler.record({ pids, durationMs: 2000, signal });
      isOver = true;
      await Promise.all(load);
      const attribution = analyzeProfile(importProfile(content).profile, [example]);
      const [found] = detectBottlenecks(emptyInput({ attribution })).filter(
        ({ kind }) => kind === 'hot-function',
      );
      expect(found?.location).toEqual({ function: 'distance', file: 'search.py', line: 12 });
      const [low = 0, high = 1] = found?.share.interval ?? [];
      expect([low > 0, low < high]).toEqual([true, true]);
    } finally {
      await service.kill();
      await sampler.close();
    }
  });
});
