import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/core/model/evidence.ts';
import type { Trace } from '../../src/core/trace/model.ts';
import { inspectEvidence } from '../../src/loop/inspect.ts';
import { keepLatencyPicture } from '../../src/loop/latency-picture.ts';
import { renderHistogram } from '../../src/render/histogram-svg.ts';
import { createFakeWorld, fakeProject } from '../support/fake-ports.ts';
import { aBaseline, aSample } from '../support/records.ts';

const at = { run_id: 'run_a', created_at: '2026-11-25T00:00:00.000Z' };

/** Requests of given lengths, one after the other. */
function traceOf(lengths: readonly (readonly [name: string, ms: number])[]): Trace {
  return {
    spans: lengths.map(([name, ms], index) => ({
      id: `r${index}`,
      trace: `t${index}`,
      kind: 'request',
      name,
      thread: 0,
      failed: false,
      startUs: index * 1e6,
      endUs: index * 1e6 + ms * 1000,
    })),
    statements: [],
    sites: [],
    runs: [],
    collections: [],
    threads: [{ name: 'main', service: '1' }],
    dropped: 0,
    producer: 'tracer',
  };
}

describe('the view histogram', () => {
  it('shows two kinds of requests as two heaps, and one kind alone when asked', async () => {
    const project = await fakeProject(createFakeWorld());
    const trace = traceOf([
      ...Array.from({ length: 9 }, () => ['GET /fast', 2] as const),
      ['GET /slow', 200],
    ]);
    const artifact = await project.store.artifacts.create(
      { ...at, id: 'art_a', kind: 'trace', title: 'Trace', mime_type: 'application/json', extension: 'json' },
      JSON.stringify(trace),
    );
    const evidence: Evidence = {
      ...at,
      id: 'evid_a',
      kind: 'trace',
      baseline_id: null,
      workload: 'api',
      title: 'Trace of requests',
      artifact_ids: [artifact.id],
      pictures: [],
      source_root: '/srv/app',
      snapshot: { id: 'snap_a', tree: 'a', files: 1, created_at: at.created_at },
    };
    await project.store.bottlenecks.create([], [evidence]);
    const ask = { evidence_id: 'evid_a', view: 'histogram', limit: 50, offset: 0 };
    const { rows, basis } = await inspectEvidence(project, ask);
    expect(basis).toBe('10 traced requests');
    expect(rows[0]).toMatchObject({ count: 9, share: 0.9 });
    expect(rows.at(-1)).toMatchObject({ count: 1, up_to: 1 });
    expect(rows.filter(({ count }) => count === 0).length).toBeGreaterThan(10);

    const slow = await inspectEvidence(project, { ...ask, filter: '/slow' });
    expect(slow.rows).toHaveLength(1);
    expect(slow.basis).toBe('1 of 10 traced requests');
  });
});

describe('the latencies of a baseline', () => {
  const pooled = { requests: 8, p50_ms: 5, p90_ms: 9, p95_ms: 10, p99_ms: 15, p999_ms: 20, max_ms: 30 };

  it('are kept as a picture', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const baseline = aBaseline({ pooled_latency: pooled });
    const sample = { ...aSample(0), latency_histogram: JSON.stringify({ count: 4, ms: 10 }) };
    await project.store.baselines.create(baseline, [sample, { ...sample, side: 'b' }]);
    const artifact = await keepLatencyPicture(world.ports, project, baseline, renderHistogram);
    expect(artifact).toMatchObject({ kind: 'histogram', run_id: baseline.run_id });
    const svg = new TextDecoder().decode(await project.store.artifacts.read(artifact?.id ?? ''));
    expect(svg).toContain('8 requests');
    expect(svg).toContain('p95');
  });

  it('are no picture where a workload has none', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const { latency_histogram: _, ...sample } = aSample(0);
    const { pooled_latency: __, ...baseline } = aBaseline();
    await project.store.baselines.create(baseline, [sample]);
    expect(await keepLatencyPicture(world.ports, project, baseline, renderHistogram)).toBeUndefined();
  });
});
