import { InternalError } from '../../../core/errors.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { FunctionWorkload } from '../../../core/model/workloads/function.ts';
import type { FunctionMeasurement } from '../../../core/ports/bench.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { WindowEdge } from '../../../core/ports/load.ts';
import { foreignLoad } from '../../measure/foreign-load.ts';
import type { ProcessSample, SampleContext } from '../measurer.ts';
import { functionPlan } from './load.ts';

export interface FunctionSampleRequest extends Omit<SampleContext, 'load'> {
  readonly workload: FunctionWorkload;
  readonly load: LoadOf<'function'>;
}

/** One fresh process: load the module, make the arguments, warm up, time, count what a call allocates, end. */
export async function sampleFunction(ports: Ports, request: FunctionSampleRequest): Promise<ProcessSample> {
  const { load, plan, signal } = request;
  const startedAt = ports.clock.now();
  const edges = new Map<WindowEdge, Counters>();
  const measured = await ports.bench.measure(
    {
      ...functionPlan(ports, request, load.size),
      callsPerTiming: load.calls_per_timing,
      timedMs: plan.callMs,
      onWindow: async (edge) => void edges.set(edge, await countersNow(ports)),
    },
    signal,
  );
  const conditions = conditionsOf(measured, edges);
  return {
    metrics: {
      wall_low_ms: measured.wallLowMs,
      wall_ms: measured.wallMedianMs,
      cpu_ms: measured.cpuUs / 1000 / measured.calls,
      rss_peak_bytes: measured.rssPeakBytes,
      gc_share: measured.gcMs / measured.windowMs,
      allocated_bytes_per_op: measured.allocatedBytesPerCall,
      startup_ms: measured.importMs,
    },
    operations: { counted: measured.calls, timed: measured.timings, failed: 0 },
    conditions,
    flags: flagsOf(measured, conditions),
    started_at: startedAt,
    openWindows: [],
  };
}

type Counters = Awaited<ReturnType<typeof countersNow>>;

async function countersNow(ports: Ports) {
  return { machine: await ports.machine.cpu(), ownUs: ports.machine.ownCpuUs() };
}

function conditionsOf(
  measured: FunctionMeasurement,
  edges: ReadonlyMap<WindowEdge, Counters>,
): ProcessSample['conditions'] {
  const [opens, closes] = [edges.get('opens'), edges.get('closes')];
  if (!opens || !closes) {
    throw new InternalError('internal', 'The harness did not say when its window was.', {
      fix: 'Report it: this is a defect.',
    });
  }
  const oursUs = measured.edgeToEdgeCpuUs + (closes.ownUs - opens.ownUs);
  const { foreignShare, stealShare } = foreignLoad(opens.machine, closes.machine, oursUs);
  return {
    foreign_cpu_share: foreignShare,
    steal_share: stealShare,
    target_cpu_share: measured.cpuUs / 1000 / measured.windowMs,
  };
}

/** Reasons to trust this process less; kept with the sample and counted into warnings. */
function flagsOf(measured: FunctionMeasurement, conditions: ProcessSample['conditions']): string[] {
  const flags: string[] = [];
  if (measured.inputsChanged === true) flags.push('inputs-changed');
  if (conditions.foreign_cpu_share > 0.1) flags.push('busy-machine');
  if (conditions.steal_share > 0.02) flags.push('steal');
  return flags;
}
