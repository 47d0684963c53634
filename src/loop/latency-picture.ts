import type { Artifact } from '../core/model/evidence.ts';
import type { Baseline } from '../core/model/measurement.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { toLatencyBuckets, type LatencyBucket } from '../core/stats/latency-buckets.ts';

export interface LatencyPicture {
  readonly title: string;
  readonly buckets: readonly LatencyBucket[];
  readonly marks: readonly { readonly ms: number; readonly label: string }[];
}

/** The latencies of all processes of a baseline, as a picture; undefined where a workload has none. */
export async function keepLatencyPicture(
  ports: Ports,
  project: Project,
  baseline: Baseline,
  draw: (picture: LatencyPicture) => string,
): Promise<Artifact | undefined> {
  const { pooled_latency: pooled, workload } = baseline;
  const samples = await project.store.baselines.samples(baseline.id);
  const histograms = samples.flatMap(({ latency_histogram }) => latency_histogram ?? []);
  if (pooled === undefined || histograms.length === 0) return undefined;
  const title = `Latencies of ${workload}`;
  const svg = draw({
    title,
    buckets: toLatencyBuckets(ports.load.latencies(histograms)),
    marks: [
      { ms: pooled.p50_ms, label: 'p50' },
      { ms: pooled.p95_ms, label: 'p95' },
      { ms: pooled.p99_ms, label: 'p99' },
    ],
  });
  return await project.store.artifacts.create(
    {
      id: ports.entropy.id('art'),
      run_id: baseline.run_id,
      kind: 'histogram',
      title,
      mime_type: 'image/svg+xml',
      extension: 'svg',
      created_at: ports.clock.now(),
    },
    svg,
  );
}
