/**
 * The canonical trace: what each request did and waited for. Our tracer, the OTLP receiver and OTLP files end here, and
 * every detector of waiting starts here.
 */
export interface Trace {
  /** In order of their start. */
  readonly spans: readonly Span[];
  readonly statements: readonly Statement[];
  readonly sites: readonly CallSite[];
  /** When the thread of a request ran JavaScript for it; empty where the producer doesn't know (OTLP). */
  readonly runs: readonly Run[];
  /** Stops of a thread for garbage collection. */
  readonly collections: readonly Collection[];
  readonly threads: readonly TracedThread[];
  /** When it began, in ms since the epoch, by the clock of this machine; absent where that is another one. */
  readonly beganAtMs?: number;
  /** Spans that were seen and not kept, since there were too many. */
  readonly dropped: number;
  /** `tracer`: times of all threads of one machine; `otlp`: each service has a clock of its own. */
  readonly producer: 'tracer' | 'otlp';
}

export interface TracedThread {
  /** For people: "main of pid 12", "orders (python)". */
  readonly name: string;
  /** `service.name` of OTLP, the pid as text of our own. */
  readonly service: string;
  /** Of libuv's pool, which the threads of a process share; absent where the producer doesn't know. */
  readonly poolThreads?: number;
}

/**
 * `request`: an operation as a whole, the root of its trace; an incoming HTTP request where the target is a service.
 * `query`: a statement or command sent to a database, until its answer was there. `outbound`: an HTTP request sent,
 * until its answer was read. `connect`: a new connection, TLS handshake included. `pool-wait`: for a connection of a
 * pool. `timer`: until one that was set fired. `dns`, `file`: asynchronous look-ups and file access. `task`: other work of libuv's thread pool (crypto, zlib).
 * `sync`: a call that held the thread: file access, child process, crypto, compression, an embedded database.
 * `internal`: whatever else somebody instrumented.
 */
export type SpanKind =
  | 'request'
  | 'query'
  | 'outbound'
  | 'connect'
  | 'pool-wait'
  | 'timer'
  | 'dns'
  | 'file'
  | 'task'
  | 'sync'
  | 'internal';

/** Times are in microseconds since the trace began. */
export interface Span {
  readonly id: string;
  /** Within the same trace; undefined for a root, or where the parent was not kept. */
  readonly parent?: string;
  /** Of the request that it belongs to; undefined for what no request asked for (a timer, start-up). */
  readonly trace?: string;
  readonly kind: SpanKind;
  /**
   * request, outbound: method and template ("GET /posts/{id}", "GET http://localhost:9000/users/{id}"). query: as
   * `statements[statement].text`. sync, task: the function, as "fs.readFileSync". Others: what it says of itself.
   */
  readonly name: string;
  readonly startUs: number;
  /** Undefined: it never ended while the trace was taken. */
  readonly endUs?: number;
  /** Index into `threads`. */
  readonly thread: number;
  readonly failed: boolean;
  /** Index into `sites`: where the project's own code asked for it. Only the first few of each shape are looked up. */
  readonly site?: number;
  /** Index into `statements`, of a query. */
  readonly statement?: number;
  /** Hash of the parameters of a query, of the whole URL with its query string and body of an outbound call, of the arguments of a sync call. */
  readonly input?: string;
  /** Hash of what came back, where it was cheap to know. */
  readonly output?: string;
  readonly rows?: number;
  readonly bytes?: number;
  /** Which connection of a driver or socket it went over: spans of one are ordered, and may be one transaction. */
  readonly connection?: string;
  /** A query between BEGIN and COMMIT; of `connection`, which numbers its transactions. */
  readonly transaction?: string;
  /** HTTP status of a request or an outbound call. */
  readonly status?: number;
  /** An outbound call or a query that had to open its connection first. */
  readonly freshConnection?: boolean;
}

export interface Statement {
  /** Of the normalized text; equal for equal shapes, over runs. */
  readonly fingerprint: string;
  /** Literals replaced by ?, lists folded, whitespace collapsed. */
  readonly text: string;
  readonly engine: 'postgres' | 'mysql' | 'sqlite' | 'redis' | 'mongodb' | 'other';
  /**
   * With $1 or ? where values go; what an EXPLAIN can be asked with. Absent where literals stood in the text that may be
   * data: that differ between executions, or were seen once only.
   */
  readonly original?: string;
  /** A few sets of its parameters, for EXPLAIN. They hold the program's data: kept in memory, never shown or stored. */
  readonly samples?: readonly (readonly unknown[])[];
  /** Of the time of its executions, waiting for locks, [0, 1]; absent where nobody looked at the database meanwhile. */
  readonly lockShare?: number;
  /** What the program read of the rows it got, from the first executions of each shape. */
  readonly use?: {
    readonly columns: readonly string[];
    readonly columnsRead: readonly string[];
    readonly rows: number;
    readonly rowsRead: number;
    /** Executions that were looked at. */
    readonly executions: number;
  };
}

export interface CallSite {
  readonly function: string;
  /** Absolute, mapped through source maps. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** The project's own callers above it, innermost first, the site itself not among them; bounded. */
  readonly callers: readonly string[];
}

export interface Run {
  readonly trace: string;
  readonly thread: number;
  readonly startUs: number;
  readonly endUs: number;
}

export interface Collection {
  readonly thread: number;
  readonly kind: 'minor' | 'major' | 'incremental' | 'weakcb';
  readonly startUs: number;
  readonly endUs: number;
}
