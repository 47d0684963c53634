import type { DetectorInput } from '../../core/detectors/index.ts';
import type { Artifact, Evidence } from '../../core/model/evidence.ts';
import type { Goals, Workload } from '../../core/model/goals.ts';
import type { AppliedLoad, Baseline, Effort, Snapshot } from '../../core/model/measurement.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import type { ProfileAnalysis } from '../../core/profile/analyze.ts';
import type { Timeline } from '../../core/trace/views.ts';
import type { Measurer, SampleContext } from '../kinds/measurer.ts';
import type { RunHandle } from '../runs.ts';

/** Draws evidence as SVG; passed in, because pictures belong to render/. */
export interface Drawing {
  readonly flamegraph: (analysis: ProfileAnalysis, options: { readonly title: string }) => string;
  /** What became of each function between two profiles. */
  readonly difference: (
    before: ProfileAnalysis,
    after: ProfileAnalysis,
    options: { readonly title: string },
  ) => string;
  readonly timeline: (timeline: Timeline, options: { readonly title: string }) => string;
}

/** What every pass of find_bottlenecks works with. */
export interface PassContext {
  readonly ports: Ports;
  readonly project: Project;
  readonly run: RunHandle;
  readonly goals: Goals;
  readonly workload: Workload;
  readonly measurer: Measurer;
  readonly baseline: Baseline | undefined;
  readonly effort: Effort;
  readonly snapshot: Snapshot;
  readonly load: AppliedLoad;
  /** For a fresh process of the checkout under the load. */
  readonly sample: SampleContext;
  readonly draw: Drawing;
}

/** What detectors get, as far as the passes have come. */
export type Facts = Partial<DetectorInput>;

export interface PassResult {
  readonly facts: Facts;
  /** To be stored with the findings; their artifacts are stored already. */
  readonly evidence?: readonly Evidence[];
  readonly pictures?: readonly Artifact[];
  readonly warnings?: readonly Warning[];
}

/**
 * One way to look at the program under load, in a process of its own: what one pass does to the program must not be seen by
 * another. A new pass is a file beside this and a line in index.ts.
 */
export interface Pass {
  readonly id: string;
  /** For progress: what is being done. */
  readonly doing: string;
  /** About how long it takes, relative to the others. */
  readonly weight: number;
  /** Whether this workload, with what is known already, can be looked at so. */
  applies(context: PassContext, facts: Facts): boolean;
  run(context: PassContext, facts: Facts): Promise<PassResult>;
}
