import type { Generated } from 'kysely';

/**
 * The tables after the newest migration. `document` holds a record as JSON text and stands last in its table, so
 * that a list reads the columns before it without touching the pages of long documents. Columns beside it exist
 * for listing and filtering, or because they change.
 */
interface Listed {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly created_at: string;
}

export interface RunTable extends Listed {
  readonly kind: string;
  readonly tool: string;
  readonly workload: string | null;
  readonly key: string;
  readonly state: string;
  readonly owner_pid: number;
  readonly owner_started_at: string;
  readonly ended_at: string | null;
  readonly progress: string;
  readonly result: string | null;
  readonly error: string | null;
}

export interface BaselineTable extends Listed {
  readonly run_id: string;
  readonly workload: string;
  readonly snapshot_id: string;
  readonly effort: string;
  readonly samples: number;
  readonly document: string;
}

export interface SampleTable {
  readonly owner_id: string;
  readonly ordinal: number;
  readonly document: string;
}

export interface BottleneckTable extends Listed {
  readonly run_id: string;
  readonly workload: string;
  readonly rank: number;
  readonly document: string;
}

export interface EvidenceTable extends Listed {
  readonly run_id: string;
  readonly workload: string;
  readonly document: string;
}

export interface ExperimentTable extends Listed {
  readonly run_id: string;
  readonly workload: string;
  readonly baseline_id: string;
  readonly candidate_snapshot_id: string;
  readonly hypothesis: string | null;
  readonly strategy_id: string | null;
  readonly verdict: string;
  readonly reason: string;
  /** The one thing that changes after creation; the document's own `decision` is what it was at creation. */
  readonly decision_kind: string | null;
  readonly decision_id: string | null;
  readonly document: string;
}

export interface ArtifactTable extends Listed {
  readonly run_id: string;
  readonly kind: string;
  readonly title: string;
  readonly mime_type: string;
  readonly file: string;
  readonly bytes: number;
}

export interface Tables {
  readonly runs: RunTable;
  readonly baselines: BaselineTable;
  readonly baseline_samples: SampleTable;
  readonly bottlenecks: BottleneckTable;
  readonly evidence: EvidenceTable;
  readonly experiments: ExperimentTable;
  readonly experiment_samples: SampleTable;
  readonly artifacts: ArtifactTable;
}

export type ListedTable = Exclude<keyof Tables, 'baseline_samples' | 'experiment_samples'>;
