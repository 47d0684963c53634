import { InternalError } from '../../../core/errors.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { WindowEdge } from '../../../core/ports/load.ts';
import type { NativeRecording, SampledService } from '../../../core/ports/native-profiler.ts';
import type { SampleContext } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import { loadPlan } from './sample.ts';
import { startTarget } from './target.ts';

export interface HttpNativeRequest extends Omit<SampleContext, 'load'> {
  readonly workload: HttpWorkload;
  readonly load: LoadOf<'http'>;
}

/** One fresh process, warmed up, then sampled without a probe for the steady window. */
export async function recordNativeOfHttp(ports: Ports, request: HttpNativeRequest): Promise<NativeRecording> {
  const { start } = request.workload;
  const sampler = await ports.nativeProfiler.beside({ ...ports.baseEnv, ...start?.env });
  try {
    const workload =
      start === undefined ? request.workload : { ...request.workload, start: { ...start, env: sampler.env } };
    return await recordUnderLoad(ports, { ...request, workload }, sampler);
  } finally {
    await sampler.close();
  }
}

async function recordUnderLoad(
  ports: Ports,
  request: HttpNativeRequest,
  sampler: SampledService,
): Promise<NativeRecording> {
  const { workload, load, plan, signal } = request;
  const inputs = await readInputs(ports, workload, request);
  const ended = new AbortController();
  const target = await startTarget(ports, workload, { ...request, probe: 'native' });
  try {
    const base = { ...loadPlan(ports, { ...request, inputs }, target), connections: load.connections };
    let recording: Promise<NativeRecording> | undefined;
    const onWindow = (edge: WindowEdge) => {
      if (edge !== 'opens') return;
      recording ??= target.usage().then(({ pids }) =>
        sampler.record({
          pids,
          durationMs: plan.profileMs,
          signal: AbortSignal.any([signal, ended.signal]),
        }),
      );
      // Awaited below; until then a sampler that is missing must not become an unhandled rejection.
      recording.catch(() => undefined);
    };
    await ports.load.closedLoop(
      { ...base, warmupMs: plan.warmupMs * 2, durationMs: plan.profileMs, onWindow },
      signal,
    );
    if (recording !== undefined) return await recording;
    throw new InternalError('internal', 'The load ended without its steady window.', {
      fix: 'Report this as a defect.',
    });
  } finally {
    // A sampler outlives a load that failed.
    ended.abort();
    await target.stop();
  }
}
