import { InputError } from '../../core/errors.ts';
import type { Baseline, Snapshot } from '../../core/model/measurement.ts';
import type { Project } from '../../core/ports/project.ts';

/** The code state that a change is compared with. */
export interface Reference {
  readonly kind: 'baseline' | 'experiment' | 'ref';
  /** As it was asked for: an id, or a name that git knows. */
  readonly name: string;
  readonly snapshot: Snapshot;
}

export interface Against {
  readonly reference: Reference;
  /** Whose load and workload apply; null for a commit, which knows of neither. */
  readonly baseline: Baseline | null;
}

/** An id of a baseline or of an experiment (then its candidate), or whatever git resolves to a commit. */
export async function resolveAgainst(project: Project, name: string): Promise<Against> {
  const baseline = await project.store.baselines.get(name);
  if (baseline) return { reference: { kind: 'baseline', name, snapshot: baseline.snapshot }, baseline };
  const experiment = await project.store.experiments.get(name);
  if (experiment) {
    const snapshot = experiment.candidate_snapshot;
    const under = await project.store.baselines.get(experiment.baseline_id);
    if (under) return { reference: { kind: 'experiment', name, snapshot }, baseline: under };
  }
  const snapshot = await project.snapshots.ofCommit(name);
  if (snapshot) return { reference: { kind: 'ref', name, snapshot }, baseline: null };
  throw new InputError(
    'unknown_id',
    `"${name}" is no baseline, no experiment and no commit of the project's own git repository.`,
    {
      fix: 'Use an id of an earlier answer, or a branch, tag or commit that git rev-parse knows; leave it out for the latest baseline.',
      next: [{ tool: 'get_history', arguments: {}, why: 'list baselines and experiments' }],
    },
  );
}
