import { isSeenInProfiles, measureBlamed } from '../../core/detectors/measure-blamed.ts';
import { SHARE_OF_BUSY, type DetectorInput } from '../../core/detectors/detector.ts';
import { EFFORTS } from '../../core/efforts.ts';
import { TargetError } from '../../core/errors.ts';
import { cpuOfSides, judgeMechanism, type BlamedSide } from '../../core/experiment/mechanism.ts';
import type { Bottleneck } from '../../core/model/evidence.ts';
import type { Comparison, Mechanism } from '../../core/model/experiment.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { measurerOf } from '../kinds/index.ts';
import { readThreads, type ReadThreads } from '../passes/read-threads.ts';
import type { RunHandle } from '../runs.ts';
import type { Draft, Sides } from './request.ts';

/** Evidence of one side in which the blamed cost can be looked up; another kind of evidence is another file like this. */
interface Captured {
  readonly input: DetectorInput;
  readonly artifactId: string | null;
}

/**
 * Did the blamed cost shrink? One capture of each side, after the timing and never in it, in the checkouts that were
 * timed. A capture that fails costs the check, not the verdict.
 */
export async function checkMechanism(
  ports: Ports,
  project: Project,
  draft: Draft,
  comparisons: readonly Comparison[],
  sides: Sides,
  run: RunHandle,
): Promise<Mechanism | null> {
  const { bottleneck, workload } = draft.request;
  if (!bottleneck) return null;
  const blamed = nameBlamed(bottleneck);
  const unchecked = (reason: string): Mechanism => ({
    status: 'not_checked',
    reason,
    blamed,
    of: bottleneck.share.of,
    baseline: null,
    candidate: null,
    ratio: null,
    ratio_interval: null,
    profiles: { baseline: null, candidate: null },
  });
  if (bottleneck.workload !== workload.name)
    return unchecked(`the finding is of workload "${bottleneck.workload}"`);
  if (bottleneck.share.of !== SHARE_OF_BUSY || !isSeenInProfiles(bottleneck))
    return unchecked(`a CPU profile does not show what "${bottleneck.kind}" blames`);
  if (measurerOf(workload).profile === undefined)
    return unchecked(`a ${workload.kind} workload is not profiled`);

  run.report({ fraction: 0.99, message: 'looking whether the blamed cost shrank', etaS: null });
  try {
    const before = await profileSide(ports, project, draft, {
      ...side('a'),
      snapshot: draft.reference.snapshot,
    });
    const after = await profileSide(ports, project, draft, { ...side('b'), snapshot: draft.candidate });
    const cpu = cpuOfSides(comparisons);
    const blamedBefore = blamedSide(bottleneck, before, cpu.baseline);
    const blamedAfter = blamedSide(bottleneck, after, cpu.candidate);
    if (!blamedBefore || !blamedAfter)
      return unchecked('the blamed place has no name by which it could be found again');
    return {
      ...judgeMechanism({ baseline: blamedBefore, candidate: blamedAfter }),
      blamed,
      profiles: { baseline: before.artifactId, candidate: after.artifactId },
    };
  } catch (error) {
    if (run.signal.aborted || !(error instanceof TargetError)) throw error;
    return unchecked(`a side could not be profiled: ${error.message}`);
  }

  function side(slot: 'a' | 'b') {
    return { slot, directory: sides[slot].directory, bottleneck, run };
  }
}

interface ProfiledSide {
  readonly slot: 'a' | 'b';
  readonly directory: string;
  readonly snapshot: Snapshot;
  readonly bottleneck: Bottleneck | null;
  readonly run: RunHandle;
}

async function profileSide(
  ports: Ports,
  project: Project,
  { request, seed }: Draft,
  { slot, directory, snapshot, bottleneck, run }: ProfiledSide,
): Promise<Captured> {
  const { workload, baseline, effort } = request;
  const threads = await measurerOf(workload).profile?.(ports, {
    runId: run.id,
    directory,
    projectDirectory: project.directory,
    plan: EFFORTS[effort],
    signal: run.signal,
    load: baseline.load,
    seed,
    probe: 'attribution',
  });
  const read = readThreads(threads ?? [], { checkout: directory, project: project.directory });
  const file = bottleneck?.location.file;
  const text = file === undefined ? undefined : await project.snapshots.readFile(snapshot, file);
  return {
    artifactId: await keepBusiest(ports, project, run, slot, read),
    input: {
      attribution: read.analysis,
      runtime: null,
      load: { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
      cores: 1,
      metrics: [],
      sources: new Map(file === undefined || text === undefined ? [] : [[file, text.split('\n')]]),
    },
  };
}

/** The profile of the busiest thread: what a picture of the difference is drawn from. */
async function keepBusiest(
  ports: Ports,
  project: Project,
  run: RunHandle,
  slot: 'a' | 'b',
  { threads: [busiest] }: ReadThreads,
): Promise<string | null> {
  if (!busiest) return null;
  const artifact = await project.store.artifacts.create(
    {
      id: ports.entropy.id('art'),
      run_id: run.id,
      kind: 'cpu-profile',
      title: `CPU profile of the ${slot === 'a' ? 'baseline' : 'candidate'}, inlining off`,
      mime_type: 'application/json',
      extension: 'cpuprofile',
      created_at: ports.clock.now(),
    },
    busiest.content,
  );
  return artifact.id;
}

function blamedSide(bottleneck: Bottleneck, { input }: Captured, cpuUs: number | null): BlamedSide | null {
  const cost = measureBlamed(bottleneck, input);
  return cost && { ...cost, n: input.attribution.totals.busySamples, cpuUs };
}

function nameBlamed({ location, kind }: Bottleneck): string {
  return location.function ?? kind;
}
