import { type Judgement } from '../../core/experiment/comparisons.ts';
import type { BehaviourResult, Comparison, Mechanism, TestResult } from '../../core/model/experiment.ts';
import type { Bottleneck } from '../../core/model/evidence.ts';
import type { Goals, Workload } from '../../core/model/goals.ts';
import type { Baseline, Effort, Snapshot } from '../../core/model/measurement.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { MetricName } from '../../core/model/metrics.ts';
import type { ChangedFile } from '../../core/ports/snapshots.ts';
import type { BlocksResult } from '../measure/blocks.ts';
import type { Confirmed } from './confirm.ts';

export interface ExperimentRequest {
  readonly goals: Goals;
  readonly workload: Workload;
  readonly baseline: Baseline;
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
  readonly mechanism: Mechanism | null;
  readonly confirmed: Confirmed | null;
}

/** Where both sides lie. */
export interface Sides {
  readonly a: string;
  readonly b: string;
}
