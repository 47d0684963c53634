import type { Artifact, Bottleneck, Evidence } from '../model/evidence.ts';
import type { Experiment } from '../model/experiment.ts';
import type { Baseline, Sample } from '../model/measurement.ts';
import type { Run, RunState } from '../model/run.ts';

export interface Page {
  readonly limit: number;
  /** Records older than the one of this id; absent: the newest. */
  readonly before?: string;
}

export interface ListFilter extends Page {
  readonly workload?: string;
  readonly baselineId?: string;
}

/** What a list of experiments shows, without the heavy parts. */
export interface ExperimentRow {
  readonly id: string;
  readonly workload: string;
  readonly baseline_id: string;
  readonly hypothesis: string | null;
  readonly strategy_id: string | null;
  readonly verdict: string;
  readonly reason: string;
  readonly decision: string | null;
  readonly created_at: string;
}

export interface ExperimentTally {
  readonly verdict: string;
  readonly decision: string | null;
  readonly n: number;
}

/** Comparisons with one baseline: each is a chance of a wrong verdict. */
export interface LedgerRow {
  readonly baseline_id: string;
  readonly workload: string;
  readonly attempts: number;
  /** Different code states among them. */
  readonly candidates: number;
}

export interface BaselineRow {
  readonly id: string;
  readonly workload: string;
  readonly snapshot_id: string;
  readonly effort: string;
  readonly samples: number;
  readonly created_at: string;
}

/**
 * The history of a project (asking does not create one): one set of queries, so that a second database is a dialect and not a second store.
 * Records are immutable but for runs and for the decision of an experiment. Rejects with EnvironmentError not_writable,
 * state_corrupt or state_too_new.
 */
export interface Store {
  readonly runs: {
    create(run: Run): Promise<void>;
    update(
      id: string,
      change: Partial<Pick<Run, 'state' | 'progress' | 'result' | 'error' | 'ended_at'>>,
    ): Promise<void>;
    get(id: string): Promise<Run | undefined>;
    list(page: Page & { readonly state?: RunState }): Promise<readonly Run[]>;
  };
  readonly baselines: {
    /** With all its samples, in one transaction. */
    create(baseline: Baseline, samples: readonly Sample[]): Promise<void>;
    get(id: string): Promise<Baseline | undefined>;
    samples(id: string): Promise<readonly Sample[]>;
    first(workload: string): Promise<Baseline | undefined>;
    latest(workload: string): Promise<Baseline | undefined>;
    list(filter: ListFilter): Promise<readonly BaselineRow[]>;
  };
  readonly bottlenecks: {
    create(bottlenecks: readonly Bottleneck[], evidence: readonly Evidence[]): Promise<void>;
    get(id: string): Promise<Bottleneck | undefined>;
    /** Of the newest run of that workload (or of any), by rank. */
    latest(workload?: string): Promise<readonly Bottleneck[]>;
    ofRun(runId: string): Promise<readonly Bottleneck[]>;
    list(page: Page): Promise<readonly Bottleneck[]>;
    evidence(id: string): Promise<Evidence | undefined>;
    latestEvidence(workload?: string): Promise<readonly Evidence[]>;
    /** Of the same workload and of earlier runs, the newest first. */
    evidenceBefore(evidence: Pick<Evidence, 'id' | 'run_id' | 'workload'>): Promise<readonly Evidence[]>;
  };
  readonly experiments: {
    create(experiment: Experiment, samples: readonly Sample[]): Promise<void>;
    get(id: string): Promise<Experiment | undefined>;
    samples(id: string): Promise<readonly Sample[]>;
    decide(id: string, decision: NonNullable<Experiment['decision']>): Promise<void>;
    list(filter: ListFilter): Promise<readonly ExperimentRow[]>;
    /** The same change on several workloads, in the order in which they were judged. */
    ofRun(runId: string): Promise<readonly ExperimentRow[]>;
    /** How many there are of each outcome. */
    tally(workload?: string): Promise<readonly ExperimentTally[]>;
    /** What was spent on each baseline, the newest first; counted as `count` does. */
    ledger(filter: ListFilter): Promise<readonly LedgerRow[]>;
    /** Those that a machine stopped before anything was timed were no chance of a verdict, and are left out. */
    count(filter: { readonly baselineId?: string; readonly candidateSnapshotId?: string }): Promise<number>;
  };
  readonly artifacts: {
    /** Writes the file and the record. */
    create(
      artifact: Omit<Artifact, 'bytes' | 'file'> & { readonly extension: string },
      content: string | Uint8Array,
    ): Promise<Artifact>;
    get(id: string): Promise<Artifact | undefined>;
    read(id: string): Promise<Uint8Array>;
    /** Absolute path, for people. */
    path(artifact: Artifact): string;
    list(page: Page): Promise<readonly Artifact[]>;
  };
  close(): Promise<void>;
}
