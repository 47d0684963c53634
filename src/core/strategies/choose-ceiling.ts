import type { Bottleneck, Ceiling } from '../model/evidence.ts';
import type { Goals } from '../model/goals.ts';

/**
 * The ceiling that bounds a strategy: of the metric that the workload's primary objective names, if the strategy can
 * move it; else of the first metric that it affects; null when the bottleneck has none of these.
 */
export function chooseCeiling(
  bottleneck: Bottleneck,
  affects: readonly string[],
  { objectives }: Pick<Goals, 'objectives'>,
): Ceiling | null {
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
