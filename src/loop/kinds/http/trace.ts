import type { HttpWorkload } from '../../../core/model/goals.ts';
import { requestsPerArrival } from '../../../core/http-requests.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { WindowEdge } from '../../../core/ports/load.ts';
import type { ThreadTrace } from '../../../core/ports/target.ts';
import type { SampleContext } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import { loadPlan, MAX_IN_FLIGHT } from './sample.ts';
import { startTarget } from './target.ts';

export interface HttpTraceRequest extends Omit<SampleContext, 'load'> {
  readonly workload: HttpWorkload;
  readonly load: LoadOf<'http'>;
}

/**
 * Of what the program can answer with the tracer in it and not recording. Recording costs a hello-world service 2.4 times its
 * own CPU [2.2, 2.5] (paired with no probe, 48 blocks, Node.js 20), programs that work far less; a queue that the tracer
 * makes would be blamed on the program.
 */
const CAPACITY_SHARE = 0.5;
/** Below it a window of seconds would hold too few requests to tell rare ones from usual ones. */
const LEAST_RATE = 1;

/** One fresh process, warmed up by a closed loop, then recorded in an open loop at the rate of the workload. */
export async function traceHttp(ports: Ports, request: HttpTraceRequest): Promise<readonly ThreadTrace[]> {
  const { workload, load, plan, signal } = request;
  const arrivals = workload.load?.arrivals;
  const inputs = await readInputs(ports, workload, request);
  const target = await startTarget(ports, workload, { ...request, probe: 'trace' });
  try {
    const base = loadPlan(ports, { ...request, inputs }, target);
    const warm = await ports.load.closedLoop(
      { ...base, warmupMs: plan.warmupMs, durationMs: plan.closedMs, connections: load.connections },
      signal,
    );
    const capacity = (warm.answered / warm.durationMs) * 1000;
    const bearable = (capacity * CAPACITY_SHARE) / requestsPerArrival(workload);
    let tracing: Promise<readonly ThreadTrace[]> | undefined;
    let started: Promise<void> | undefined;
    const onWindow = (edge: WindowEdge) => {
      if (edge === 'opens') started ??= target.startTrace();
      else tracing ??= (started ?? Promise.resolve()).then(() => target.stopTrace());
      // Awaited below; until then a target that dies must not become an unhandled rejection.
      started?.catch(() => undefined);
      tracing?.catch(() => undefined);
    };
    await ports.load.openLoop(
      {
        ...base,
        durationMs: plan.profileMs,
        ratePerS: Math.max(LEAST_RATE, Math.min(load.rate_per_s, bearable)),
        ...(arrivals === undefined ? {} : { arrivals }),
        maxInFlight: MAX_IN_FLIGHT,
        onWindow,
      },
      signal,
    );
    return (await tracing) ?? [];
  } finally {
    await target.stop();
  }
}
