import { InternalError } from '../../../core/errors.ts';
import type { LoadOf, MetricValues } from '../../../core/model/measurement.ts';
import type { QueryWorkload } from '../../../core/model/workloads/query.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { WindowEdge } from '../../../core/ports/load.ts';
import type { QueryMeasurement } from '../../../core/ports/queries.ts';
import { foreignLoad } from '../../measure/foreign-load.ts';
import type { ProcessSample, SampleContext } from '../measurer.ts';
import { planQuery } from './plan.ts';

export interface QuerySampleRequest extends Omit<SampleContext, 'load'> {
  readonly workload: QueryWorkload;
  readonly load: LoadOf<'query'>;
}

/** One fresh process with one connection: connect, warm up, time executions, analyse others, roll back, end. */
export async function sampleQuery(ports: Ports, request: QuerySampleRequest): Promise<ProcessSample> {
  const { workload, load, seed, signal } = request;
  const startedAt = ports.clock.now();
  const edges = new Map<WindowEdge, Promise<Counters>>();
  const measured = await ports.queries.measure(
    {
      ...planQuery(ports, request),
      executions: load.executions,
      seed,
      analyze: workload.analyze ?? false,
      onWindow: (edge) => void edges.set(edge, countersNow(ports)),
    },
    signal,
  );
  const conditions = await conditionsOf(measured, edges);
  return {
    metrics: metricsOf(workload, measured),
    operations: { counted: measured.executions, timed: measured.executions, failed: 0 },
    conditions,
    flags: flagsOf(workload, measured, conditions),
    started_at: startedAt,
    openWindows: [],
  };
}

type Counters = Awaited<ReturnType<typeof countersNow>>;

async function countersNow(ports: Ports) {
  return { machine: await ports.machine.cpu(), ownUs: ports.machine.ownCpuUs() };
}

function metricsOf(workload: QueryWorkload, measured: QueryMeasurement): MetricValues {
  const { analysis, executions } = measured;
  const databaseUs = databaseCpuUs(workload, measured);
  return {
    wall_ms: measured.wallMs,
    wall_low_ms: measured.wallLowMs,
    result_rows: measured.rows,
    ...(databaseUs === null ? {} : { cpu_ms: databaseUs / 1000 / executions }),
    ...(analysis === undefined
      ? {}
      : {
          planning_ms: analysis.planningMs,
          execution_ms: analysis.executionMs,
          buffers_read: analysis.buffers,
        }),
  };
}

/** Of the database alone: what the client of a server uses is the driver's, and SQLite is its process. */
function databaseCpuUs({ database }: QueryWorkload, measured: QueryMeasurement): number | null {
  return database.engine === 'sqlite' ? measured.clientCpuUs : measured.serverCpuUs;
}

/** The server's process is ours too while it works for us: without it, a busy statement would pass for a busy machine. */
async function conditionsOf(
  measured: QueryMeasurement,
  edges: ReadonlyMap<WindowEdge, Promise<Counters>>,
): Promise<ProcessSample['conditions']> {
  const [opens, closes] = [await edges.get('opens'), await edges.get('closes')];
  if (!opens || !closes) {
    throw new InternalError('internal', 'The process that executes did not say when its window was.', {
      fix: 'Report it: this is a defect.',
    });
  }
  const workUs = measured.clientCpuUs + (measured.serverCpuUs ?? 0);
  const oursUs = workUs + (closes.ownUs - opens.ownUs);
  const { foreignShare, stealShare } = foreignLoad(opens.machine, closes.machine, oursUs);
  return {
    foreign_cpu_share: foreignShare,
    steal_share: stealShare,
    target_cpu_share: workUs / 1000 / measured.durationMs,
  };
}

/** Reasons to trust this process less; kept with the sample and counted into warnings. */
function flagsOf(
  { database, setup = [] }: QueryWorkload,
  measured: QueryMeasurement,
  conditions: ProcessSample['conditions'],
): string[] {
  const flags: string[] = [];
  if (measured.cutShort) flags.push('cut-short');
  if (database.engine === 'postgres' && setup.length > 0) flags.push('shared-database');
  if (conditions.foreign_cpu_share > 0.1) flags.push('busy-machine');
  if (conditions.steal_share > 0.02) flags.push('steal');
  return flags;
}
