import { DEFAULT_CONNECTIONS, DEFAULT_RATE_SHARE } from '../../../core/efforts.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { MeasureContext, SettledLoad } from '../measurer.ts';
import { loadPlan } from './sample.ts';
import { startTarget } from './target.ts';

export interface CalibrationRequest extends MeasureContext {
  readonly workload: HttpWorkload;
}

/**
 * The load that a workload is measured under. A rate that nobody gave is taken from the capacity of one process, once, and
 * then stands in the baseline: both sides of every comparison get the same.
 */
export async function settleLoad(ports: Ports, request: CalibrationRequest): Promise<SettledLoad> {
  const { workload, plan, signal } = request;
  const connections = workload.load?.connections ?? DEFAULT_CONNECTIONS;
  const rate = workload.load?.rate_per_s;
  if (rate !== undefined)
    return {
      load: { kind: 'http', connections, rate_per_s: rate, rate_from: 'workload' },
      capacityRps: null,
    };

  const target = await startTarget(ports, workload, { ...request, probe: 'telemetry' });
  try {
    const base = loadPlan(ports, { ...request, seed: 1 }, target);
    const measured = await ports.load.closedLoop(
      { ...base, warmupMs: plan.warmupMs, durationMs: plan.closedMs, connections },
      signal,
    );
    const capacityRps = (measured.answered / measured.durationMs) * 1000;
    return {
      load: {
        kind: 'http',
        connections,
        rate_per_s: roundRate(capacityRps * DEFAULT_RATE_SHARE),
        rate_from: 'calibrated',
      },
      capacityRps,
    };
  } finally {
    await target.stop();
  }
}

/** Two digits: a rate that a person can repeat. */
function roundRate(rate: number): number {
  return Math.max(1, Number(rate.toPrecision(2)));
}
