import { InternalError } from '../../../core/errors.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { LoadPlan, LoadResult } from '../../../core/ports/load.ts';
import type { RuntimeWindow, Target } from '../../../core/ports/target.ts';
import { foreignLoad } from '../../measure/foreign-load.ts';

/** One load phase with what was counted in its window. */
export interface Observation {
  readonly load: LoadResult;
  readonly durationMs: number;
  /** Null where the process is not ours. */
  readonly targetCpuUs: number | null;
  readonly foreignShare: number;
  readonly stealShare: number;
  readonly throttledPeriods: number;
  readonly windows: readonly RuntimeWindow[];
}

/**
 * Runs one load phase with everything that is counted in its window: CPU of the target's tree and of the machine, what the
 * probes see. The generator says when its window opens and closes; its own start is not part of it.
 */
export async function observe(
  ports: Ports,
  target: Target | null,
  phase: (onWindow: OnWindow) => Promise<LoadResult>,
): Promise<Observation> {
  let before: Promise<Counters> | undefined;
  let after: Promise<readonly [Counters, readonly RuntimeWindow[]]> | undefined;
  const load = await phase((edge) => {
    if (edge === 'opens') before ??= openAll(ports, target);
    else
      after ??= Promise.all([
        countersNow(ports, target),
        (before ?? Promise.resolve()).then(() => target?.closeWindow() ?? []),
      ]);
    // Awaited below; until then a target that dies must not become an unhandled rejection.
    before?.catch(() => undefined);
    after?.catch(() => undefined);
  });
  if (!before || !after) {
    throw new InternalError('generator_failed', 'The load generator did not say when its window was.', {
      fix: 'Report it: this is a defect.',
    });
  }
  const start = await before;
  const [end, windows] = await after;
  const durationMs = end.atMs - start.atMs;
  if (target === null) {
    // Its CPU cannot be told from that of others, so all of the machine's counts as ours and nobody is blamed.
    return {
      load,
      durationMs,
      targetCpuUs: null,
      windows,
      ...foreignLoad(start.machine, end.machine, Infinity),
    };
  }
  const targetCpuUs = end.targetUs - start.targetUs;
  const ours = targetCpuUs + (end.ownUs - start.ownUs) + load.generator.cpuShare * durationMs * 1000;
  return { load, durationMs, targetCpuUs, windows, ...foreignLoad(start.machine, end.machine, ours) };
}

type OnWindow = NonNullable<LoadPlan['onWindow']>;
type Counters = Awaited<ReturnType<typeof countersNow>>;

/** Counters first: opening the probes' windows takes some ms, and CPU is counted from the edge. */
async function openAll(ports: Ports, target: Target | null): Promise<Counters> {
  const [counters] = await Promise.all([countersNow(ports, target), target?.openWindow()]);
  return counters;
}

async function countersNow(ports: Ports, target: Target | null) {
  const [usage, machine] = await Promise.all([target?.usage(), ports.machine.cpu()]);
  return {
    atMs: ports.clock.monotonicMs(),
    targetUs: usage?.cpuUs ?? 0,
    ownUs: ports.machine.ownCpuUs(),
    machine,
  };
}

/** Of one core. */
export function targetShare({ targetCpuUs, durationMs }: Observation): number | null {
  return targetCpuUs === null ? null : targetCpuUs / 1000 / durationMs;
}
