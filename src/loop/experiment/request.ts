import type { Judgement } from '../../core/experiment/comparisons.ts';
import type { Bottleneck } from '../../core/model/evidence.ts';
import type {
  BehaviourResult,
  Comparison,
  ExperimentFailure,
  Mechanism,
  StateOnDisk,
  TestResult,
} from '../../core/model/experiment.ts';
import type { Goals, Workload } from '../../core/model/goals.ts';
import type { Baseline, Effort, Snapshot } from '../../core/model/measurement.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { MetricName } from '../../core/model/metrics.ts';
import type { ChangedFile, Checkout } from '../../core/ports/snapshots.ts';
import type { BlocksResult } from '../measure/blocks.ts';
import type { Confirmed } from './confirm.ts';
import type { Reference } from './resolve-against.ts';

/** A workload, and what the change is compared with on it. */
export interface ExperimentTarget {
  readonly goals: Goals;
  readonly workload: Workload;
  /** Whose load applies; null when it has to be measured first, on the reference. */
  readonly baseline: Baseline | null;
  readonly reference: Reference;
  /** Of a first attempt; default: that of a primary metric. */
  readonly firstAlpha?: number;
}

export interface ExperimentRequest extends Omit<ExperimentTarget, 'baseline' | 'reference'> {
  readonly baseline: Baseline;
  /** Default: the baseline itself. */
  readonly reference?: Reference;
  readonly effort: Effort;
  readonly hypothesis: string | null;
  readonly strategyId: string | null;
  /** What the change is meant to remove. */
  readonly bottleneck: Bottleneck | null;
  readonly primary: MetricName | null;
  readonly seed?: number;
}

/** A request with what it is about. */
export interface Draft {
  readonly request: ExperimentRequest;
  readonly reference: Reference;
  readonly candidate: Snapshot;
  readonly change: { readonly patch: string; readonly files: readonly ChangedFile[] };
  readonly attempt: number;
  readonly attemptOfBaseline: number;
  readonly alpha: number;
  readonly seed: number;
}

/** What came out, before it is a record. */
export interface Outcome extends Judgement, BlocksResult {
  readonly blockSeconds: number | null;
  readonly tests: TestResult;
  readonly behaviour: BehaviourResult;
  /** What weakens the look at behaviour. */
  readonly behaviourWarnings: readonly Warning[];
  readonly comparisons: readonly Comparison[];
  readonly looks: readonly number[];
  readonly linked: readonly string[];
  readonly confirmed: Confirmed | null;
  readonly mechanism: Mechanism | null;
  readonly stateOnDisk: StateOnDisk | null;
  readonly failure: ExperimentFailure | null;
}

/** Both sides, laid out and set up. */
export interface Sides {
  readonly a: Checkout;
  readonly b: Checkout;
}
