import { blocksOf, EFFORTS } from '../core/efforts.ts';
import { hasPauses } from '../core/http-requests.ts';
import { hashGoals, hashWorkload, selectWorkload } from '../core/goals/select.ts';
import { estimateMetrics, pairedBlocks, type SamplePair } from '../core/measurement/estimates.ts';
import { judgeObjectives, measuredInstead, primaryMetric } from '../core/measurement/objectives.ts';
import type { Goals, Workload } from '../core/model/goals.ts';
import { NO_GOALS } from '../core/model/goals.ts';
import type {
  AppliedLoad,
  Baseline,
  Effort,
  Sample,
  SelfCheck,
  Snapshot,
} from '../core/model/measurement.ts';
import { METRICS, type MetricName } from '../core/model/metrics.ts';
import type { Warning } from '../core/model/warning.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { seededRandom } from '../core/random.ts';
import { median } from '../core/stats/order-statistics.ts';
import { shiftOf } from '../core/stats/paired-differences.ts';
import { checkSelf } from '../core/stats/self-check.ts';
import { conditionWarnings, machineWarnings } from '../core/measurement/condition-warnings.ts';
import { WARNINGS } from '../core/warnings.ts';
import { commandsOf, requireApproval } from './consent.ts';
import { measurerOf } from './kinds/index.ts';
import { runBlocks, type Block, type BlockPlan } from './measure/blocks.ts';
import { exclusively } from './measure/exclusively.ts';
import { prepareCheckout } from './measure/prepare.ts';
import { createSide } from './measure/side.ts';
import type { RunHandle } from './runs.ts';

export interface BaselineRequest {
  readonly workload: Workload;
  readonly goals: Goals;
  readonly effort: Effort;
  readonly seed?: number;
  /** Default: the working tree. */
  readonly snapshot?: Snapshot;
  /** Most blocks, where that is not the effort's own number. */
  readonly maxBlocks?: number;
  /** Lets a caller that only wants to know one thing stop as soon as it knows. */
  readonly afterBlock?: BlockPlan['afterBlock'];
}

/** What is asked for, checked before a run is started: a wrong name or an unseen command is an answer, not a failed run. */
export async function readyToMeasure(
  ports: Ports,
  project: Project,
  name: string | undefined,
): Promise<{ readonly goals: Goals; readonly workload: Workload }> {
  const goals = (await project.files.readGoals()) ?? NO_GOALS;
  const workload = selectWorkload(goals, name);
  await requireApproval(ports, project, commandsOf(goals, [workload]));
  return { goals, workload };
}

/** Step 2: fresh processes of the present code, as samples of a new baseline. */
export async function measureBaseline(
  ports: Ports,
  project: Project,
  request: BaselineRequest,
  run: RunHandle,
): Promise<Baseline> {
  return await exclusively(ports, project, run.id, async () => {
    const measured = await measureState(ports, project, request, run);
    const baseline = await toBaseline(ports, request, run, measured);
    await project.store.baselines.create(
      baseline,
      measured.blocks.flatMap(({ a, b }) => [a, b]),
    );
    return baseline;
  });
}

export interface MeasuredState {
  readonly snapshot: Snapshot;
  readonly seed: number;
  readonly load: Baseline['load'];
  readonly capacityRps: number | null;
  readonly blocks: readonly Block[];
  readonly dropped: readonly string[];
  readonly linked: readonly string[];
  readonly blockSeconds: number;
}

/**
 * Measures the present code against its own copy: two checkouts of one snapshot, in randomized blocks. The samples of both
 * are the baseline, and that they do not differ is the check that the harness favours neither side.
 */
export async function measureState(
  ports: Ports,
  project: Project,
  request: BaselineRequest,
  run: RunHandle,
): Promise<MeasuredState> {
  const { workload, effort } = request;
  const plan = EFFORTS[effort];
  const { signal } = run;
  run.report({ fraction: 0.01, message: 'taking a snapshot', etaS: null });
  const snapshot = request.snapshot ?? (await project.snapshots.take());
  const prepare = { snapshot, workload, runId: run.id, signal };
  const a = await prepareCheckout(ports, project, { ...prepare, slot: 'a' });
  const b = await prepareCheckout(ports, project, { ...prepare, slot: 'b' });
  run.report({ fraction: 0.04, message: 'settling the load', etaS: null });
  const measurer = measurerOf(workload);
  const context = { runId: run.id, projectDirectory: project.directory, plan, signal };
  const { load, capacityRps, sampleMs } = await measurer.settle(ports, {
    ...context,
    directory: a.directory,
  });

  const seed = request.seed ?? ports.entropy.seed();
  const maxBlocks = request.maxBlocks ?? blocksOf(effort, sampleMs);
  const startedMs = ports.clock.monotonicMs();
  const secondsSinceStart = () => (ports.clock.monotonicMs() - startedMs) / 1000;
  const sideOf = (directory: string) =>
    createSide(ports, { ...context, workload, prices: request.goals.prices, directory, load });
  const { blocks, dropped } = await runBlocks({
    sides: { a: sideOf(a.directory), b: sideOf(b.directory) },
    seed,
    maxBlocks,
    signal,
    afterBlock: request.afterBlock ?? (() => 'continue'),
    onSample: (done) => {
      const total = maxBlocks * 2;
      run.report({
        fraction: 0.05 + 0.93 * (done / total),
        message: `process ${done} of ${total} measured`,
        etaS: (secondsSinceStart() / done) * (total - done),
      });
    },
  });
  return {
    snapshot,
    seed,
    load,
    capacityRps,
    blocks,
    dropped,
    linked: a.linked,
    blockSeconds: secondsSinceStart() / Math.max(1, blocks.length),
  };
}

async function toBaseline(
  ports: Ports,
  request: BaselineRequest,
  run: RunHandle,
  measured: MeasuredState,
): Promise<Baseline> {
  const { workload, goals, effort } = request;
  const { blocks } = measured;
  const machine = await ports.machine.fingerprint();
  const samples = blocks.flatMap(({ a, b }) => [a, b]);
  const estimates = estimateMetrics(blocks, effort);
  const objectives = judgeObjectives(goals, workload.name, estimates);
  const measurer = measurerOf(workload);
  const primary = primaryMetric(goals, workload.name, objectives, measurer.defaultPrimary);
  const { check, unstable } = selfCheck(
    blocks,
    measuredInstead(primary, measurer.defaultPrimary, estimates),
    measured.seed,
  );
  const foreign = samples.map((sample) => sample.conditions.foreign_cpu_share);
  const capacity = estimates.throughput_rps?.value ?? measured.capacityRps;
  const warnings: Warning[] = [
    ...(check.status === 'too_few_blocks' ? [WARNINGS.few_blocks(blocks.length)] : []),
    ...(check.status === 'failed' ? [WARNINGS.self_check_failed(check.text)] : []),
    ...(unstable.length > 0 && check.status !== 'too_few_blocks' ? [WARNINGS.unstable(unstable)] : []),
    ...rateWarnings(workload, measured.load, capacity),
    ...(measurer.warnings?.(measured.load, estimates) ?? []),
    ...tailWarnings(goals, workload.name, samples),
    ...conditionWarnings(samples, ports.machine.cpuPlan() !== undefined),
    ...machineWarnings(machine),
    ...(measured.dropped.length > 0 ? [WARNINGS.dropped_blocks(measured.dropped)] : []),
    ...(measured.linked.length > 0 ? [WARNINGS.linked_files(measured.linked)] : []),
  ];
  return {
    id: ports.entropy.id('base'),
    run_id: run.id,
    workload: workload.name,
    workload_hash: hashWorkload(workload),
    goals_hash: hashGoals(goals),
    snapshot: measured.snapshot,
    machine,
    effort,
    seed: measured.seed,
    load: measured.load,
    samples: samples.length,
    estimates,
    ...poolLatency(ports, samples),
    objectives,
    self_check: check,
    foreign_cpu_share: { median: median(foreign), max: Math.max(...foreign) },
    block_seconds: measured.blockSeconds,
    warnings,
    created_at: ports.clock.now(),
  };
}

/** Where users pause, the closed loop does not tell what the program can answer. */
function rateWarnings(workload: Workload, load: AppliedLoad, capacity: number | null): readonly Warning[] {
  if (workload.kind !== 'http' || load.kind !== 'http' || capacity === null || hasPauses(workload)) return [];
  const asked = load.rate_per_s * (load.requests_per_arrival ?? 1);
  return asked > capacity ? [WARNINGS.rate_above_capacity(asked, capacity)] : [];
}

function poolLatency(ports: Ports, samples: readonly Sample[]): Pick<Baseline, 'pooled_latency'> {
  const histograms = samples.flatMap((sample) => sample.latency_histogram ?? []);
  if (histograms.length === 0) return {};
  const pooled = ports.load.pool(histograms);
  const pooledLatency = {
    requests: pooled.count,
    p50_ms: pooled.p50Ms,
    p90_ms: pooled.p90Ms,
    p95_ms: pooled.p95Ms,
    p99_ms: pooled.p99Ms,
    p999_ms: pooled.p999Ms,
    max_ms: pooled.maxMs,
  };
  return { pooled_latency: pooledLatency };
}

function selfCheck(
  pairs: readonly SamplePair[],
  metric: MetricName,
  seed: number,
): { check: SelfCheck; unstable: readonly string[] } {
  const info = METRICS[metric];
  const result = checkSelf(
    pairedBlocks(pairs, metric),
    info,
    shiftOf(info.minimumEffect, info.scale),
    seededRandom(seed),
  );
  const { status, blocks, interval, text } = result;
  return {
    check: { status, metric, blocks, interval: interval && [...interval], text },
    unstable: result.stability.instabilities,
  };
}

/** A tail percentile with few requests beyond it is said to be so, where an objective rests on it. */
function tailWarnings(goals: Goals, workload: string, samples: readonly Sample[]): readonly Warning[] {
  const perProcess = median(samples.map((sample) => sample.operations.timed));
  return goals.objectives
    .filter((objective) => objective.workload === workload)
    .flatMap(({ metric }) => {
      const info = METRICS[metric];
      const beyond = 'tailShare' in info ? perProcess * info.tailShare : Infinity;
      return beyond < 5 ? [WARNINGS.few_in_tail(info.title, beyond)] : [];
    });
}
