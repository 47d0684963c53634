import type { FunctionWorkload } from '../../../core/model/workloads/function.ts';
import type { FunctionPlan } from '../../../core/ports/bench.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { MeasureContext, SettledLoad } from '../measurer.ts';

export interface FunctionLoadRequest extends MeasureContext {
  readonly workload: FunctionWorkload;
  /** Default: the largest of the workload. Each point of a sweep over sizes settles its own. */
  readonly size?: number;
}

const DEFAULT_TIMEOUT_S = 60;

/** How many calls make a timing, once for a baseline: both sides of every comparison get the same. */
export async function settleFunctionLoad(ports: Ports, request: FunctionLoadRequest): Promise<SettledLoad> {
  const size = request.size ?? largestSize(request.workload);
  const plan = functionPlan(ports, request, size);
  const { callsPerTiming, msPerCall } = await ports.bench.calibrate(plan, request.signal);
  return {
    load: {
      kind: 'function',
      calls_per_timing: callsPerTiming,
      ...(size === undefined ? {} : { size }),
    },
    capacityRps: 1000 / msPerCall,
  };
}

function largestSize({ sizes }: FunctionWorkload): number | undefined {
  return sizes === undefined ? undefined : Math.max(...sizes);
}

export function functionPlan(
  ports: Ports,
  { workload, directory, plan, runId }: Omit<FunctionLoadRequest, 'signal' | 'size'>,
  size: number | undefined,
): FunctionPlan {
  const cpus = ports.machine.cpuPlan()?.target;
  return {
    workload: workload.name,
    directory,
    module: workload.module,
    export: workload.export ?? 'default',
    ...(workload.args === undefined ? {} : { args: workload.args }),
    ...(size === undefined ? {} : { size }),
    env: { ...ports.baseEnv, ...workload.env },
    nodeArgs: workload.node_args ?? [],
    ...(cpus === undefined ? {} : { cpus }),
    warmupMs: plan.callWarmupMs,
    timeoutMs: (workload.timeout_s ?? DEFAULT_TIMEOUT_S) * 1000,
    runId,
  };
}
