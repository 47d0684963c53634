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
  /** Writes those of the paths again that a snapshot holds, into a checkout of it. */
  restoreFiles(snapshot: Snapshot, directory: string, paths: readonly string[]): Promise<void>;
  /** One file of a snapshot, by its path in the project; undefined when it holds no such file. */
  readFile(snapshot: Snapshot, path: string): Promise<string | undefined>;
  /** What of the project is in no snapshot because it is git-ignored, but dependencies and .env files; directories as a whole. */
  ignored(): Promise<readonly string[]>;
  /** Forgets the oldest ones where there are very many, but those of the wanted ids; returns how many. */
  prune(wanted: () => Promise<readonly string[]>): Promise<number>;
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
  /** What programs in it are started with, beside what they are given: a temporary directory of their own. */
  readonly env: Readonly<Record<string, string>>;
}

/** Of a checkout in its run. */
export type CheckoutSlot = Pick<CheckoutRequest, 'runId' | 'slot'>;

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
  /** Remembers what lies in a checkout, for `restore`: call it when it is set up. */
  remember(slot: CheckoutSlot): Promise<void>;
  /**
   * Puts a checkout back to what was remembered and empties its temporary directory. What was added is removed, files of the
   * snapshot are written again; other files that were changed stay as they are. Returns what programs had left, the paths of
   * the temporary directory as "<tmp>/…".
   */
  restore(slot: CheckoutSlot): Promise<readonly string[]>;
  /** Removes every checkout of a run. */
  dispose(runId: string): Promise<void>;
  /** Removes checkouts of runs that are not among these: what a server that was killed left behind. */
  reap(activeRunIds: readonly string[]): Promise<void>;
}
