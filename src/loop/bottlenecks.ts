import { EFFORTS } from '../core/efforts.ts';
import { InputError } from '../core/errors.ts';
import {
  detectBottlenecks,
  filesWorthReading,
  summarizeRuntime,
  type LoadFacts,
} from '../core/detectors/index.ts';
import { importProfile } from '../core/importers/index.ts';
import type { Artifact, Bottleneck, Evidence } from '../core/model/evidence.ts';
import type { Goals, Workload } from '../core/model/goals.ts';
import type { AppliedLoad, Baseline, Effort, Snapshot } from '../core/model/measurement.ts';
import { METRIC_NAMES, type MetricName } from '../core/model/metrics.ts';
import type { Warning } from '../core/model/warning.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import type { ThreadProfile } from '../core/ports/target.ts';
import { analyzeProfile, type ProfileAnalysis } from '../core/profile/analyze.ts';
import { mergeProfiles } from '../core/profile/merge.ts';
import { WARNINGS } from '../core/warnings.ts';
import { measurerOf } from './kinds/index.ts';
import type { ProcessSample } from './kinds/measurer.ts';
import { exclusively } from './measure/exclusively.ts';
import { prepareCheckout } from './measure/prepare.ts';
import type { RunHandle } from './runs.ts';

export interface BottlenecksRequest {
  readonly goals: Goals;
  readonly workload: Workload;
  readonly baseline: Baseline | undefined;
  readonly effort: Effort;
  /** Draws the profile as SVG; passed in, because pictures belong to render/. */
  readonly draw: (analysis: ProfileAnalysis, options: { readonly title: string }) => string;
}

export interface FoundBottlenecks {
  readonly bottlenecks: readonly Bottleneck[];
  readonly evidence: readonly Evidence[];
  readonly analysis: ProfileAnalysis;
  readonly pictures: readonly Artifact[];
  readonly runtime: { readonly gcShare: number | null; readonly eventLoopDelayP99Ms: number | null };
  readonly warnings: readonly Warning[];
}

/** Functions whose inclusive share is compared between the two profiles. */
const COMPARED_FUNCTIONS = 5;
const INLINING_TOLERANCE = 0.15;

/**
 * Step 3: what costs, where, how much, how sure. Three passes, each with a fresh process, none of them timed: counters
 * without a profiler (a profiler makes event-loop numbers wrong), a profile of the program as it is, and one with V8's
 * inlining off, which names the callee that really took the time.
 */
export async function findBottlenecks(
  ports: Ports,
  project: Project,
  request: BottlenecksRequest,
  run: RunHandle,
): Promise<FoundBottlenecks> {
  return await exclusively(ports, project, run.id, async () => {
    const { workload, baseline, effort } = request;
    const measurer = measurerOf(workload);
    const { profile } = measurer;
    if (!profile) throw notProfiled(workload);
    run.report({ fraction: 0.02, message: 'taking a snapshot', etaS: null });
    const snapshot = await project.snapshots.take();
    const checkout = await prepareCheckout(ports, project, {
      snapshot,
      workload,
      runId: run.id,
      slot: 'a',
      signal: run.signal,
    });
    const context = {
      runId: run.id,
      directory: checkout.directory,
      projectDirectory: project.directory,
      plan: EFFORTS[effort],
      signal: run.signal,
    };
    const load = baseline?.load ?? (await measurer.settle(ports, context)).load;

    run.report({ fraction: 0.1, message: 'counting without a profiler', etaS: null });
    const counters = await measurer.sample(ports, { ...context, load, seed: 1 });
    run.report({ fraction: 0.3, message: 'profiling the program as it is', etaS: null });
    const plainThreads = await profile(ports, { ...context, load, seed: 1, probe: 'profile' });
    run.report({ fraction: 0.6, message: 'profiling with inlining off, to name callees', etaS: null });
    const attributionThreads = await profile(ports, { ...context, load, seed: 1, probe: 'attribution' });

    run.report({ fraction: 0.85, message: 'analysing', etaS: null });
    // The checkout is gone afterwards: evidence names files where they lie in the project.
    const relocate = (threads: readonly ThreadProfile[]) =>
      threads.map((thread) => ({
        ...thread,
        content: thread.content.replaceAll(checkout.directory, project.directory),
      }));
    const plain = readThreads(relocate(plainThreads), project.directory);
    const attribution = readThreads(relocate(attributionThreads), project.directory);
    const runtime = summarizeRuntime(counters.openWindows);
    const findings = detectBottlenecks({
      attribution: attribution.analysis,
      plain: plain.analysis,
      // GC is a matter of capacity, delay one of a given rate: each from its own loop.
      runtime: runtime && { ...runtime, gcShare: counters.metrics.gc_share ?? runtime.gcShare },
      load: loadFacts(counters, load, baseline),
      cores: ports.machine.cpuPlan()?.target.length ?? (await ports.machine.fingerprint()).cores,
      metrics: metricsOfInterest(request),
      sources: await readSources(project, snapshot, attribution.analysis),
    });

    const kept = { run, snapshot, request };
    const attributionEvidence = await keepEvidence(
      ports,
      project,
      kept,
      'CPU profile, inlining off',
      attribution,
    );
    const plainEvidence = await keepEvidence(ports, project, kept, 'CPU profile', plain);
    const { evidence, pictures, warnings } = await drawEvidence(
      ports,
      project,
      kept,
      attributionEvidence,
      attribution,
    );
    const bottlenecks = findings.map((finding, index): Bottleneck => ({
      ...finding,
      id: ports.entropy.id('bott'),
      run_id: run.id,
      baseline_id: baseline?.id ?? null,
      workload: workload.name,
      rank: index + 1,
      evidence_ids: [evidence.id, plainEvidence.id],
      created_at: ports.clock.now(),
    }));
    await project.store.bottlenecks.create(bottlenecks, [evidence, plainEvidence]);
    return {
      bottlenecks,
      evidence: [evidence, plainEvidence],
      analysis: attribution.analysis,
      pictures,
      runtime: {
        gcShare: counters.metrics.gc_share ?? null,
        eventLoopDelayP99Ms: counters.metrics.event_loop_delay_p99_ms ?? null,
      },
      warnings: [
        ...(baseline ? [] : [WARNINGS.no_baseline()]),
        ...attribution.warnings,
        ...inliningWarnings(attribution.analysis, plain.analysis),
        ...warnings,
      ],
    };
  });
}

function notProfiled(workload: Workload): InputError {
  const { name, kind } = workload;
  if (workload.kind === 'http') {
    return new InputError(
      'invalid_arguments',
      `Workload "${name}" is attached to a service that already runs, which cannot be profiled from outside.`,
      { fix: 'Give it "start" in place of "attach" with define_goals.' },
    );
  }
  return new InputError(
    'invalid_arguments',
    `Workload "${name}" is of kind "${kind}", which is not profiled yet.`,
    {
      fix: 'Profile an http workload that runs the same code.',
    },
  );
}

interface ReadThreads {
  /** The busiest first. */
  readonly threads: readonly ThreadProfile[];
  readonly analysis: ProfileAnalysis;
  readonly warnings: readonly Warning[];
}

function readThreads(threads: readonly ThreadProfile[], root: string): ReadThreads {
  const read = threads.map((thread) => {
    const { profile, warnings } = importProfile(thread.content);
    return { thread, profile, warnings, busy: analyzeProfile(profile).totals.busy };
  });
  const sorted = [...read].sort((a, b) => b.busy - a.busy);
  const { profile } = mergeProfiles(
    sorted.map(({ thread, profile: one }) => ({ profile: one, thread: nameThread(thread) })),
  );
  return {
    threads: sorted.map(({ thread }) => thread),
    analysis: analyzeProfile(profile, [root]),
    warnings: sorted.flatMap((one) => one.warnings),
  };
}

function nameThread({ pid, threadId }: ThreadProfile): string {
  return threadId === 0 ? `main of pid ${pid}` : `worker ${threadId} of pid ${pid}`;
}

function loadFacts(counters: ProcessSample, load: AppliedLoad, baseline: Baseline | undefined): LoadFacts {
  const values = baseline
    ? Object.fromEntries(Object.entries(baseline.estimates).map(([name, e]) => [name, e.value]))
    : counters.metrics;
  const latencies = METRIC_NAMES.filter((name) => name.startsWith('latency_')).map(
    (name) => [name, values[name]] as const,
  );
  return {
    busyShareOfCore: counters.conditions.target_cpu_share,
    cpuUsPerRequest: values['cpu_us_per_request'] ?? null,
    ratePerS: load.kind === 'http' ? load.rate_per_s : null,
    latencyMs: Object.fromEntries(latencies.filter(([, value]) => value !== undefined)),
  };
}

/** Ceilings are for what the person asked for, missed objectives first. */
function metricsOfInterest({ goals, workload, baseline }: BottlenecksRequest): readonly MetricName[] {
  const missed = baseline?.objectives.filter((o) => o.status === 'missed').map((o) => o.metric) ?? [];
  const named = goals.objectives.filter((o) => o.workload === workload.name).map((o) => o.metric);
  return [...new Set([...missed, ...named, measurerOf(workload).defaultPrimary])];
}

/** The text of hot files as it was when they were measured. */
async function readSources(
  project: Project,
  snapshot: Snapshot,
  analysis: ProfileAnalysis,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const read = filesWorthReading(analysis).map(
    async (file): Promise<readonly [string, readonly string[]] | undefined> => {
      const text = await project.snapshots.readFile(snapshot, file);
      return text === undefined ? undefined : [file, text.split('\n')];
    },
  );
  return new Map((await Promise.all(read)).filter((entry) => entry !== undefined));
}

function inliningWarnings(attribution: ProfileAnalysis, plain: ProfileAnalysis): readonly Warning[] {
  const worst = attribution.functions
    .filter((cost) => cost.isUser)
    .slice(0, COMPARED_FUNCTIONS)
    .flatMap((cost) => {
      const twin = plain.functions.find(
        (other) =>
          other.frame.name === cost.frame.name &&
          other.file === cost.file &&
          other.frame.line === cost.frame.line,
      );
      // Inlined away in the plain profile: then only the attribution profile can speak.
      return twin && Math.abs(twin.totalShare - cost.totalShare) > INLINING_TOLERANCE ? [{ cost, twin }] : [];
    })[0];
  return worst
    ? [WARNINGS.inlining_distorts(worst.cost.frame.name, worst.twin.totalShare, worst.cost.totalShare)]
    : [];
}

interface Kept {
  readonly run: RunHandle;
  readonly snapshot: Snapshot;
  readonly request: BottlenecksRequest;
}

async function keepEvidence(
  ports: Ports,
  project: Project,
  { run, snapshot, request }: Kept,
  title: string,
  read: ReadThreads,
): Promise<Evidence> {
  const artifacts: Artifact[] = [];
  for (const thread of read.threads) {
    artifacts.push(
      await project.store.artifacts.create(
        {
          id: ports.entropy.id('art'),
          run_id: run.id,
          kind: 'cpu-profile',
          title: `${title}, ${nameThread(thread)}`,
          mime_type: 'application/json',
          extension: 'cpuprofile',
          created_at: ports.clock.now(),
        },
        thread.content,
      ),
    );
  }
  return {
    id: ports.entropy.id('evid'),
    kind: 'cpu-profile',
    run_id: run.id,
    baseline_id: request.baseline?.id ?? null,
    workload: request.workload.name,
    title,
    artifact_ids: artifacts.map((artifact) => artifact.id),
    pictures: [],
    source_root: project.directory,
    snapshot,
    created_at: ports.clock.now(),
  };
}

/** Flamegraphs as SVG and interactive HTML. A picture that cannot be drawn does not cost the findings. */
async function drawEvidence(
  ports: Ports,
  project: Project,
  { run, request }: Kept,
  evidence: Evidence,
  read: ReadThreads,
): Promise<{
  readonly evidence: Evidence;
  readonly pictures: readonly Artifact[];
  readonly warnings: readonly Warning[];
}> {
  const title = `Flamegraph of ${request.workload.name}`;
  const keep = (
    kind: 'flamegraph-svg' | 'flamegraph-html',
    mime: string,
    extension: string,
    content: string,
  ) =>
    project.store.artifacts.create(
      {
        id: ports.entropy.id('art'),
        run_id: run.id,
        kind,
        title,
        mime_type: mime,
        extension,
        created_at: ports.clock.now(),
      },
      content,
    );
  const pictures = [
    await keep('flamegraph-svg', 'image/svg+xml', 'svg', request.draw(read.analysis, { title })),
  ];
  const warnings: Warning[] = [];
  const busiest = read.threads[0];
  try {
    if (busiest) {
      const html = await ports.pictures.html(busiest.content, { title, signal: run.signal });
      pictures.push(await keep('flamegraph-html', 'text/html', 'html', html));
    }
  } catch (error) {
    if (run.signal.aborted) throw error;
    warnings.push(WARNINGS.no_picture(error instanceof Error ? error.message : String(error)));
  }
  return { evidence: { ...evidence, pictures: pictures.map((picture) => picture.id) }, pictures, warnings };
}
