import { DEFAULT_CONNECTIONS, DEFAULT_RATE_SHARE, MAX_DEFAULT_RATE } from '../../../core/efforts.ts';
import { requestsPerArrival } from '../../../core/http-requests.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { MeasureContext, SettledLoad } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import { loadPlan } from './sample.ts';
import { openService } from './target.ts';

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
  const inputs = await readInputs(ports, workload, request);
  const perArrival = requestsPerArrival(workload);
  const fixed = {
    kind: 'http' as const,
    connections,
    ...(workload.journeys === undefined ? {} : { requests_per_arrival: perArrival }),
  };
  if (rate !== undefined)
    return { load: { ...fixed, rate_per_s: rate, rate_from: 'workload' }, capacityRps: null };

  const service = await openService(ports, workload, { ...request, probe: 'telemetry' });
  try {
    const base = loadPlan(ports, { ...request, seed: 1, inputs }, service);
    const measured = await ports.load.closedLoop(
      { ...base, warmupMs: plan.warmupMs, durationMs: plan.closedMs, connections },
      signal,
    );
    const capacityRps = (measured.answered / measured.durationMs) * 1000;
    return {
      load: {
        ...fixed,
        rate_per_s: roundRate(Math.min(capacityRps * DEFAULT_RATE_SHARE, MAX_DEFAULT_RATE) / perArrival),
        rate_from: 'calibrated',
      },
      capacityRps,
    };
  } finally {
    await service.stop();
  }
}

/** Two digits: a rate that a person can repeat. */
function roundRate(rate: number): number {
  return Math.max(1, Number(rate.toPrecision(2)));
}
