import { TargetError } from '../../../core/errors.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { WindowEdge } from '../../../core/ports/load.ts';
import type { ThreadProfile } from '../../../core/ports/target.ts';
import type { ProfileContext } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import { loadPlan } from './sample.ts';
import { startTarget } from './target.ts';

/** Between samples of the CPU profiler: 1 ms gives thousands of samples in a pass (notes on profiling, section 1). */
const PROFILE_INTERVAL_US = 1000;

export interface HttpProfileRequest extends Omit<ProfileContext, 'load'> {
  readonly workload: HttpWorkload;
  readonly load: LoadOf<'http'>;
}

/** One fresh process, warmed up, then profiled around the steady window only: start-up is not part of it. */
export async function profileHttp(ports: Ports, pass: HttpProfileRequest): Promise<readonly ThreadProfile[]> {
  const { workload, load, plan, signal } = pass;
  const inputs = await readInputs(ports, workload, pass);
  const target = await startTarget(ports, workload, pass);
  try {
    const base = { ...loadPlan(ports, { ...pass, inputs }, target), connections: load.connections };
    let profiling: Promise<readonly ThreadProfile[]> | undefined;
    let started: Promise<void> | undefined;
    const onWindow = (edge: WindowEdge) => {
      if (edge === 'opens') started ??= target.startProfile({ intervalUs: PROFILE_INTERVAL_US });
      else profiling ??= (started ?? Promise.resolve()).then(() => target.stopProfile());
      // Awaited below; until then a target that dies must not become an unhandled rejection.
      started?.catch(() => undefined);
      profiling?.catch(() => undefined);
    };
    // A program without inlining is slower to warm up; twice the time costs little here, nothing is timed.
    await ports.load.closedLoop(
      { ...base, warmupMs: plan.warmupMs * 2, durationMs: plan.profileMs, onWindow },
      signal,
    );
    const threads = (await profiling) ?? [];
    if (threads.length > 0) return threads;
    throw new TargetError(
      'no_profile',
      `No Node.js process of "${workload.name}" gave a profile of its own code.`,
      {
        fix: 'The start command must run Node.js 16 or newer and must not clear NODE_OPTIONS; programs in other languages are sampled from outside.',
        output: target.output().stderr,
      },
    );
  } finally {
    await target.stop();
  }
}
