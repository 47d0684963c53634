import type { Snapshot } from '../model/measurement.ts';

export interface ChangedFile {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
}

/** Code states of a project, kept in a private git directory. The user's own repository is only ever read. */
export interface Snapshots {
  /** Records the working tree: tracked and untracked files, not ignored ones. The same state gives the same id. */
  take(): Promise<Snapshot>;
  /**
   * A commit of the user's own repository, by any name that git knows, as it would be checked out here; undefined where
   * there is no repository or no such commit.
   */
  ofCommit(name: string): Promise<Snapshot | undefined>;
  /** Rejects with EnvironmentError snapshot_missing. */
  checkout(snapshot: Snapshot, directory: string): Promise<void>;
  /** One file of a snapshot, by its path in the project; undefined when it holds no such file. */
  readFile(snapshot: Snapshot, path: string): Promise<string | undefined>;
  diff(
    from: Snapshot,
    to: Snapshot,
  ): Promise<{ readonly patch: string; readonly files: readonly ChangedFile[] }>;
}

export interface Checkout {
  /** Absolute. Both slots of a run have paths of equal length. */
  readonly directory: string;
  readonly dependencies: 'shared' | 'installed' | 'none';
  /** Git-ignored paths that were linked into it. */
  readonly linked: readonly string[];
}

export interface CheckoutRequest {
  readonly snapshot: Snapshot;
  readonly runId: string;
  readonly slot: 'a' | 'b';
  readonly include: readonly string[];
  readonly signal: AbortSignal;
}

/** Checked-out snapshots, ready to run: dependencies linked when the lockfile is that of the working tree, installed otherwise. */
export interface Checkouts {
  materialize(request: CheckoutRequest): Promise<Checkout>;
  /** Removes every checkout of a run. */
  dispose(runId: string): Promise<void>;
  /** Removes checkouts of runs that are not among these: what a server that was killed left behind. */
  reap(activeRunIds: readonly string[]): Promise<void>;
}
