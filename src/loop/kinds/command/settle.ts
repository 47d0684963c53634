import type { Ports } from '../../../core/ports/index.ts';
import type { MeasureContext, SettledLoad } from '../measurer.ts';
import { sampleCommand, type CommandRequest } from './sample.ts';

/** A first sample that took longer says enough: few blocks of such will fit, and another one would be paid for nothing. */
const TIMED_AGAIN_MS = 2000;

export type CommandSettleRequest = MeasureContext & Pick<CommandRequest, 'workload' | 'lines'>;

/** What starting anything costs, and how long a sample takes. The first sample of a checkout is not counted (see below). */
export async function settleCommand(ports: Ports, request: CommandSettleRequest): Promise<SettledLoad> {
  const overhead = await ports.commandRuns.startOverhead(request.runId, request.signal);
  const runs = request.lines.length;
  let startedMs = ports.clock.monotonicMs();
  await warmUp(ports, request);
  let sampleMs = ports.clock.monotonicMs() - startedMs;
  // The first one counts no instructions, which takes most of the time of those that do.
  if (sampleMs < TIMED_AGAIN_MS || request.workload.deterministic === true) {
    startedMs = ports.clock.monotonicMs();
    await sampleCommand(ports, { ...request, seed: 1 });
    sampleMs = ports.clock.monotonicMs() - startedMs;
  }
  return {
    load: {
      kind: 'command',
      runs,
      ...(overhead === null ? {} : { start_overhead_ms: overhead.wallMs * runs }),
    },
    capacityRps: null,
    sampleMs,
  };
}

/** By the run, whose signal is one object: checkouts that have been warmed. */
const warmed = new WeakMap<AbortSignal, Set<string>>();

/**
 * The first run in a fresh checkout finds no page cache of its files and writes what later ones find (`__pycache__`, caches of
 * builds). Everybody's second run is what is asked for, so both checkouts get a first one that is counted nowhere.
 */
export async function warmUp(ports: Ports, request: CommandSettleRequest): Promise<void> {
  const done = warmed.get(request.signal) ?? new Set();
  if (done.has(request.directory)) return;
  const { deterministic: _none, ...workload } = request.workload;
  await sampleCommand(ports, { ...request, workload, seed: 1 });
  warmed.set(request.signal, done.add(request.directory));
}
