import type { Bottleneck, Ceiling } from '../model/evidence.ts';
import type { Goals } from '../model/goals.ts';

/** What moves with a metric of requests where an operation is a call, a command or a statement. */
const WITHOUT_REQUESTS: Readonly<Partial<Record<string, readonly string[]>>> = {
  cpu_us_per_request: ['cpu_ms', 'wall_low_ms', 'wall_ms'],
  latency_p50_ms: ['wall_low_ms', 'wall_ms'],
};

/**
 * The ceiling that bounds a strategy: of the metric that the workload's primary objective names, if the strategy can
 * move it; else of the first metric that it affects; null when the bottleneck has none of these.
 */
export function chooseCeiling(
  bottleneck: Bottleneck,
  named: readonly string[],
  { objectives }: Pick<Goals, 'objectives'>,
): Ceiling | null {
  const affects = [...named, ...named.flatMap((metric) => WITHOUT_REQUESTS[metric] ?? [])];
  const ofWorkload = objectives.filter(({ workload }) => workload === bottleneck.workload);
  const wanted = [...ofWorkload]
    .sort((a, b) => Number(b.primary ?? false) - Number(a.primary ?? false))
    .map(({ metric }) => metric as string)
    .filter((metric) => affects.includes(metric));
  for (const metric of [...wanted, ...affects]) {
    const ceiling = bottleneck.ceilings.find((candidate) => candidate.metric === metric);
    if (ceiling !== undefined) return ceiling;
  }
  return null;
}
