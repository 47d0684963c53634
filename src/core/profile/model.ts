/**
 * The canonical profile: a calling-context tree with weights. Every importer ends here and every detector starts here.
 * Struct of arrays: a profile has up to millions of nodes, and an object for each costs several times the memory.
 */
export interface Profile {
  /** What a weight is: microseconds of wall time between samples (V8), CPU time, sample counts, or bytes allocated. */
  readonly weight: 'wall_us' | 'cpu_us' | 'samples' | 'bytes';
  readonly frames: readonly Frame[];
  readonly nodes: {
    /** Index of the parent node, -1 for a root. A parent always stands before its children. */
    readonly parent: Int32Array;
    /** Index into `frames`. */
    readonly frame: Int32Array;
    /** Weight of the samples that ended here. */
    readonly self: Float64Array;
    /** Number of samples that ended here: what an interval rests on. */
    readonly samples: Uint32Array;
  };
  /** Self weight by line, where the producer tells: node index -> 1-based line -> weight. */
  readonly lines: LineWeights;
  /**
   * Node index -> weight of the garbage collections that interrupted it, where the order of samples tells. A collection of
   * the young generation comes when it is full, so who is interrupted more often allocates more.
   */
  readonly collections: ReadonlyMap<number, number>;
  /** Threads that were merged, for people: "main of pid 12". */
  readonly threads: readonly string[];
}

/** A part of a Map of Maps; that of a node is made when it is asked for, since a profile has hundreds of thousands of them. */
export interface LineWeights {
  /** Nodes that have any. */
  readonly size: number;
  get(node: number): ReadonlyMap<number, number> | undefined;
}

/**
 * `js`: a function with a place in a file, of imported profiles in another language too (Python, Go). `builtin`: code of the
 * runtime and its standard library (node: modules, Array.prototype.sort, Python's json).
 * `native`: machine code without a JavaScript name. `program`: the V8 "(program)" rest. `gc`, `idle`: V8's pseudo frames. `root`: no time of its own.
 */
export type FrameKind = 'js' | 'builtin' | 'native' | 'program' | 'gc' | 'idle' | 'root';

export interface Frame {
  readonly name: string;
  readonly kind: FrameKind;
  /** Absolute path, or the URL that the producer gave. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** Package of npm, PyPI or a Go module; "node", "python", "go" for what comes with them; absent for the project's own code. */
  readonly package?: string;
}
