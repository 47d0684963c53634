import { TargetError } from '../../../core/errors.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { FunctionWorkload } from '../../../core/model/workloads/function.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { ThreadProfile } from '../../../core/ports/target.ts';
import type { ProfileContext } from '../measurer.ts';
import { functionPlan } from './load.ts';

/** Between samples of the CPU profiler: 1 ms gives thousands of samples in a pass (notes on profiling, section 1). */
const PROFILE_INTERVAL_US = 1000;

export interface FunctionProfileRequest extends Omit<ProfileContext, 'load'> {
  readonly workload: FunctionWorkload;
  readonly load: LoadOf<'function'>;
}

/** One fresh process that calls the function without an end, warmed up, then profiled. */
export async function profileFunction(
  ports: Ports,
  request: FunctionProfileRequest,
): Promise<readonly ThreadProfile[]> {
  const { workload, directory, load, plan, probe, runId, signal } = request;
  const call = functionPlan(ports, request, load.size);
  const { command, env } = ports.bench.endlessCalls(call);
  const target = await ports.targets.start(
    {
      command,
      cwd: directory,
      env,
      ready: { port: true },
      timeoutMs: call.timeoutMs,
      ...(call.cpus === undefined ? {} : { cpus: call.cpus }),
      probe,
      runId,
    },
    signal,
  );
  try {
    // Code without inlining is slower to warm up; twice the time costs little here, nothing is timed.
    await ports.clock.sleep(plan.callWarmupMs * 2, signal);
    await target.startProfile({ intervalUs: PROFILE_INTERVAL_US });
    await ports.clock.sleep(plan.profileMs, signal);
    const threads = await target.stopProfile();
    if (threads.length > 0) return threads;
    throw new TargetError('no_profile', `The calls of "${workload.name}" gave no profile.`, {
      fix: 'The module must not clear NODE_OPTIONS or end the process, and one call must take less than 10 s.',
      output: target.output().stderr,
    });
  } finally {
    await target.stop();
  }
}
