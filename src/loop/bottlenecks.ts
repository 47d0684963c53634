import { EFFORTS } from '../core/efforts.ts';
import { InputError } from '../core/errors.ts';
import { detectBottlenecks, type DetectorInput } from '../core/detectors/index.ts';
import type { Artifact, Bottleneck, Evidence } from '../core/model/evidence.ts';
import type { Goals, Workload } from '../core/model/goals.ts';
import type { Baseline, Effort } from '../core/model/measurement.ts';
import type { MetricName } from '../core/model/metrics.ts';
import type { Warning } from '../core/model/warning.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { emptyAnalysis } from '../core/profile/analyze.ts';
import { WARNINGS } from '../core/warnings.ts';
import { canBeLookedInto, measurerOf } from './kinds/index.ts';
import { exclusively } from './measure/exclusively.ts';
import { prepareCheckout } from './measure/prepare.ts';
import { takeFile } from './passes/file.ts';
import type { Keeping } from './passes/keep-evidence.ts';
import { PASSES, type Drawing, type Facts, type PassContext, type PassResult } from './passes/index.ts';
import type { RunHandle } from './runs.ts';

export interface BottlenecksRequest {
  readonly goals: Goals;
  readonly workload: Workload;
  readonly baseline: Baseline | undefined;
  readonly effort: Effort;
  readonly draw: Drawing;
  /** A profile or a trace of the project's directory, instead of taking them. */
  readonly file?: string | undefined;
}

export interface FoundBottlenecks {
  readonly bottlenecks: readonly Bottleneck[];
  readonly evidence: readonly Evidence[];
  /** What the detectors saw. */
  readonly input: DetectorInput;
  readonly pictures: readonly Artifact[];
  readonly warnings: readonly Warning[];
}

/**
 * Step 3: what costs, where, how much, how sure. Every pass looks in its own way at a fresh process under the same load,
 * none of them timed; the detectors see what all of them found.
 */
export async function findBottlenecks(
  ports: Ports,
  project: Project,
  request: BottlenecksRequest,
  run: RunHandle,
): Promise<FoundBottlenecks> {
  if (request.file !== undefined)
    return await findInFile(ports, project, { ...request, file: request.file }, run);
  return await exclusively(ports, project, run.id, async () => {
    requirePasses(request.workload);
    const context = await prepare(ports, project, request, run);
    return await nameCauses(context, await takePasses(context));
  });
}

/** The same detectors, on a profile or a trace that somebody else took: in production, of another language. */
async function findInFile(
  ports: Ports,
  project: Project,
  request: BottlenecksRequest & { readonly file: string },
  run: RunHandle,
): Promise<FoundBottlenecks> {
  run.report({ fraction: 0.1, message: 'reading the file', etaS: null });
  const snapshot = await project.snapshots.take();
  const context = { ...request, ports, project, run, snapshot };
  return await nameCauses(context, await takeFile(context, request.file));
}

async function nameCauses(
  context: Keeping & Pick<BottlenecksRequest, 'goals'>,
  { facts, evidence, pictures, warnings }: Required<PassResult>,
): Promise<FoundBottlenecks> {
  const { ports, project, run, baseline, workload } = context;
  run.report({ fraction: 0.95, message: 'analysing', etaS: null });
  const input = toDetectorInput(facts, metricsOfInterest(context));
  const bottlenecks = detectBottlenecks(input).map((finding, index): Bottleneck => ({
    ...finding,
    id: ports.entropy.id('bott'),
    run_id: run.id,
    baseline_id: baseline?.id ?? null,
    workload: workload.name,
    rank: index + 1,
    evidence_ids: evidence.map(({ id }) => id),
    created_at: ports.clock.now(),
  }));
  await project.store.bottlenecks.create(bottlenecks, evidence);
  return {
    bottlenecks,
    evidence,
    input,
    pictures,
    warnings: [...(baseline ? [] : [WARNINGS.no_baseline()]), ...warnings],
  };
}

async function prepare(
  ports: Ports,
  project: Project,
  request: BottlenecksRequest,
  run: RunHandle,
): Promise<PassContext> {
  const { workload, baseline, effort } = request;
  const measurer = measurerOf(workload);
  run.report({ fraction: 0.02, message: 'taking a snapshot', etaS: null });
  const snapshot = await project.snapshots.take();
  const checkout = await prepareCheckout(ports, project, {
    snapshot,
    workload,
    runId: run.id,
    slot: 'a',
    signal: run.signal,
  });
  const measure = {
    runId: run.id,
    directory: checkout.directory,
    projectDirectory: project.directory,
    plan: EFFORTS[effort],
    signal: run.signal,
  };
  const load = baseline?.load ?? (await measurer.settle(ports, measure)).load;
  const sample = { ...measure, load, seed: 1 };
  return { ...request, ports, project, run, measurer, snapshot, load, sample };
}

async function takePasses(context: PassContext): Promise<Required<PassResult>> {
  const whole = PASSES.reduce((sum, { weight }) => sum + weight, 0);
  let done = 0;
  let taken: Required<PassResult> = { facts: {}, evidence: [], pictures: [], warnings: [] };
  for (const pass of PASSES) {
    if (pass.applies(context, taken.facts)) {
      context.run.report({ fraction: 0.08 + 0.85 * (done / whole), message: pass.doing, etaS: null });
      const { facts, evidence = [], pictures = [], warnings = [] } = await pass.run(context, taken.facts);
      taken = {
        facts: { ...taken.facts, ...facts },
        evidence: [...taken.evidence, ...evidence],
        pictures: [...taken.pictures, ...pictures],
        warnings: [...taken.warnings, ...warnings],
      };
    }
    done += pass.weight;
  }
  return taken;
}

/** What no pass could tell is empty: detectors then say nothing of it. */
function toDetectorInput(facts: Facts, metrics: readonly MetricName[]): DetectorInput {
  return {
    attribution: emptyAnalysis(),
    runtime: null,
    load: { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
    cores: 1,
    sources: new Map(),
    metrics,
    ...facts,
  };
}

function requirePasses(workload: Workload): void {
  if (canBeLookedInto(workload)) return;
  throw new InputError(
    'invalid_arguments',
    `Workload "${workload.name}" is attached to a service that already runs, which cannot be profiled from outside.`,
    {
      fix: 'Give it "start" in place of "attach" with define_goals, or give find_bottlenecks a profile of the service as "file".',
    },
  );
}

/** Ceilings are for what the person asked for, missed objectives first. */
function metricsOfInterest({
  goals,
  workload,
  baseline,
}: Pick<BottlenecksRequest, 'goals' | 'workload' | 'baseline'>): readonly MetricName[] {
  const missed = baseline?.objectives.filter((o) => o.status === 'missed').map((o) => o.metric) ?? [];
  const named = goals.objectives.filter((o) => o.workload === workload.name).map((o) => o.metric);
  return [...new Set([...missed, ...named, measurerOf(workload).defaultPrimary])];
}
