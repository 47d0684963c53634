import type { CommandLine } from '../../../core/command-lines.ts';
import type { CommandWorkload } from '../../../core/model/goals.ts';
import type { MetricValues } from '../../../core/model/measurement.ts';
import type { ChildUsage, CommandRun } from '../../../core/ports/command-runs.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { MachineCpu } from '../../../core/ports/machine.ts';
import { seededRandom } from '../../../core/random.ts';
import { foreignLoad } from '../../measure/foreign-load.ts';
import type { ProcessSample, SampleContext } from '../measurer.ts';
import { countInstructions } from './count.ts';
import { runLine } from './run-line.ts';

export interface CommandRequest extends Omit<SampleContext, 'load'> {
  readonly workload: CommandWorkload;
  readonly lines: readonly CommandLine[];
}

/** One fresh process for each combination of the parameters, in an order from the seed. */
export async function sampleCommand(ports: Ports, request: CommandRequest): Promise<ProcessSample> {
  const startedAt = ports.clock.now();
  const overhead = await ports.commandRuns.startOverhead(request.runId, request.signal);
  const observed: ObservedRun[] = [];
  for (const line of seededRandom(request.seed).shuffle(request.lines))
    await runLine(ports, request, line, async (spec) => {
      const one = await observe(ports, () => ports.commandRuns.run(spec, request.signal));
      observed.push(one);
      return one.run;
    });
  const counts = await countInstructions(ports, request);
  const runs = observed.map(({ run }) => run);
  const disturbance = foreignLoadOf(observed);
  const metrics = metricsOf(runs, overhead?.rssBytes ?? 0);
  return {
    metrics: counts.instructions === null ? metrics : { ...metrics, instructions: counts.instructions },
    operations: { counted: runs.length, timed: runs.length, failed: 0 },
    conditions: {
      foreign_cpu_share: disturbance.foreignShare,
      steal_share: disturbance.stealShare,
      target_cpu_share: (metrics.cpu_ms ?? 0) / Math.max(metrics.wall_ms ?? 0, Number.MIN_VALUE),
    },
    flags: [...flagsOf(runs, disturbance), ...counts.flags],
    started_at: startedAt,
    openWindows: [],
  };
}

interface ObservedRun {
  readonly run: CommandRun;
  readonly before: MachineCpu | null;
  readonly after: MachineCpu | null;
  /** CPU of everything that is ours in between: command, launcher, this process. */
  readonly oursUs: number;
}

/** Around the launcher and not the command alone: the machine counts in ticks of 10 ms, too coarse for what is short. */
async function observe(ports: Ports, start: () => Promise<CommandRun>): Promise<ObservedRun> {
  const before = await ports.machine.cpu();
  const ownBeforeUs = ports.machine.ownCpuUs();
  const run = await start();
  const after = await ports.machine.cpu();
  const ownUs = ports.machine.ownCpuUs() - ownBeforeUs;
  return { run, before, after, oursUs: ownUs + run.launcherCpuUs + (run.usage ? cpuUs(run.usage) : 0) };
}

type Disturbance = ReturnType<typeof foreignLoad>;

/** Over the runs together; what happens in between (prepare, cleanup) is not part of it. */
function foreignLoadOf(observed: readonly ObservedRun[]): Disturbance {
  const nothing = { busyUs: 0, idleUs: 0, stealUs: 0, throttledPeriods: 0 };
  let passed = nothing;
  let oursUs = 0;
  for (const { before, after, oursUs: ours } of observed) {
    if (!before || !after) return foreignLoad(null, null, 0);
    oursUs += ours;
    passed = {
      busyUs: passed.busyUs + after.busyUs - before.busyUs,
      idleUs: passed.idleUs + after.idleUs - before.idleUs,
      stealUs: passed.stealUs + after.stealUs - before.stealUs,
      throttledPeriods:
        passed.throttledPeriods + (after.throttledPeriods ?? 0) - (before.throttledPeriods ?? 0),
    };
  }
  return foreignLoad(nothing, passed, oursUs);
}

/** Sums over the combinations for what is spent, the largest for memory. What a run did not tell is not guessed. */
function metricsOf(runs: readonly CommandRun[], rssFloorBytes: number): MetricValues {
  const values: MetricValues = { wall_ms: sum(runs.map(({ wallMs }) => wallMs)) };
  const usages = runs.flatMap(({ usage }) => usage ?? []);
  if (usages.length === runs.length) {
    values.cpu_ms = sum(usages.map(cpuUs)) / 1000;
    values.context_switches = sum(
      usages.map(({ voluntarySwitches, involuntarySwitches }) => voluntarySwitches + involuntarySwitches),
    );
  }
  const peaks = runs.flatMap((run) => peakOf(run, rssFloorBytes) ?? []);
  if (peaks.length === runs.length) values.rss_peak_bytes = Math.max(...peaks);
  return values;
}

/**
 * The larger of two lower bounds: the kernel knows the peak of the largest single process exactly; looks at the tree know what
 * all of its processes had together, but only when they were looked at.
 */
function peakOf({ usage, sampledRssBytes }: CommandRun, floorBytes: number): number | undefined {
  const largest = usage !== null && usage.largestRssBytes > floorBytes ? usage.largestRssBytes : 0;
  const peak = Math.max(largest, sampledRssBytes ?? 0);
  return peak > 0 ? peak : undefined;
}

function cpuUs({ userUs, systemUs }: ChildUsage): number {
  return userUs + systemUs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Reasons to trust this sample less; kept with it and counted into warnings. */
function flagsOf(runs: readonly CommandRun[], disturbance: Disturbance): string[] {
  const flags: string[] = [];
  if (disturbance.foreignShare > 0.1) flags.push('busy-machine');
  if (disturbance.stealShare > 0.02) flags.push('steal');
  if (disturbance.throttledPeriods > 0) flags.push('throttled');
  if (runs.some(({ usage }) => usage === null)) flags.push('no-child-usage');
  if (runs.some(({ usage }) => (usage?.blocksRead ?? 0) > 0)) flags.push('read-disk');
  if (runs.some(({ leftRunning }) => leftRunning > 0)) flags.push('left-running');
  return flags;
}
