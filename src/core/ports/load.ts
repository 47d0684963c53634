import type { Behaviour, ObservationScope } from '../behaviour/model.ts';
import type { CountedLatency } from '../stats/latency-buckets.ts';
import type { Arrivals } from '../load/arrivals.ts';
import type { DataTable } from '../load/data-rows.ts';

/** What an answer must be; without a status every one below 400 is right. */
export interface Expectation {
  readonly status?: number;
  /** By name, in any case: the whole value, or a part of it. */
  readonly headers?: Readonly<Record<string, string | { readonly includes: string }>>;
  readonly bodyIncludes?: string;
  /** By JSON path (RFC 9535): the value of the first node that it finds. */
  readonly json?: Readonly<Record<string, unknown>>;
}

/** Load on an HTTP service. The generator may be one child process here, or, later, several elsewhere. */
export interface LoadRequest {
  readonly name: string;
  readonly method: string;
  /** Path, header values and body may hold templates, `{{name}}` (core/load/templates.ts). */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The body was written by JSON.stringify: values are put into it as JSON. */
  readonly bodyIsJson?: boolean;
  readonly weight: number;
  readonly expect: Expectation;
}

/** Where a value of an answer is found. `json` is a JSON path (RFC 9535), of which the first node counts. */
export type Extraction =
  { readonly json: string } | { readonly header: string } | { readonly cookie: string };

export interface LoadStep extends Omit<LoadRequest, 'weight'> {
  /** Pause before the step, in ms: least and most. */
  readonly thinkMs?: readonly [number, number];
  /** By the name that later steps of the journey use. */
  readonly extract?: Readonly<Record<string, Extraction>>;
}

/** What one user does, in order. It ends with the first step that fails. */
export interface LoadJourney {
  readonly name: string;
  readonly weight: number;
  /** Cookies of its answers are sent with its later steps. Every journey starts without any: it is another user. */
  readonly cookies: boolean;
  readonly steps: readonly LoadStep[];
}

export type WindowEdge = 'opens' | 'closes';

export interface LoadPlan {
  readonly origin: string;
  /** There is at least one request or journey; a request is drawn by its weight among both, as a journey of one step. */
  readonly requests: readonly LoadRequest[];
  readonly journeys?: readonly LoadJourney[];
  /** Each request or journey takes one row, in an order from the seed. */
  readonly data?: DataTable;
  readonly durationMs: number;
  readonly cpus?: readonly number[];
  /** Seed of everything random: the order of weighted requests and of rows, arrivals, pauses. */
  readonly seed: number;
  /**
   * Called when the measured window opens and when it closes: the generator's own start and warm-up lie outside, and what is
   * counted around the load (CPU of the target, of the machine) must not take them in.
   */
  readonly onWindow?: (edge: WindowEdge) => void;
  /** Marks the generator's process, as `TargetSpec.runId` does. */
  readonly runId: string;
}

export interface ClosedLoopPlan extends LoadPlan {
  /** Load before the window, in ms, that is counted nowhere. Default: until every connection had its first answer. */
  readonly warmupMs?: number;
  /** Connections, each with one request at a time; with journeys, users. */
  readonly connections: number;
}

export interface OpenLoopPlan extends LoadPlan {
  /** Requests, or journeys begun, in a second. */
  readonly ratePerS: number;
  /** Default: constant, at a distance of 1/rate. */
  readonly arrivals?: Arrivals;
  /** Requests in flight at once are bounded by this; an arrival beyond it counts as an error, not as silence. */
  readonly maxInFlight: number;
}

export interface AnswersPlan extends Omit<LoadPlan, 'durationMs' | 'onWindow'> {
  readonly scope: ObservationScope;
}

/** Percentiles of one process's own latencies, in ms (float), with the count they rest on. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly meanMs: number;
  readonly maxMs: number;
  /** HdrHistogram V2 (compressed, base64) in µs: percentiles of several samples are merged from it. */
  readonly histogram: string;
}

export interface FailedRequest {
  readonly request: string;
  /** What was wrong, e.g. "status 500, expected 200". */
  readonly reason: string;
  readonly count: number;
  /** Untrusted: the start of an offending body. */
  readonly example?: string;
}

/** Journeys that began, completed and failed in the window. Open loop: what became of those that began in it, if it is known. */
export interface JourneyCounts {
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
}

/**
 * Times in which the target answered nothing although requests were waiting for it. In a closed loop a stall delays one request
 * of each connection and then nobody asks: it hardly shows in the percentiles, but it does here.
 */
export interface StallFigures {
  /** The longest, in ms; 0 when nothing was waited for. */
  readonly longestMs: number;
  /** How many lasted for 100 ms or more and for ten times the median latency, and their share of the window. */
  readonly count: number;
  readonly share: number;
}

export interface LoadResult {
  readonly durationMs: number;
  /** Requests that got an answer, right or wrong. */
  readonly answered: number;
  /** Wrong answers, connection errors, time-outs, arrivals that could not be sent. */
  readonly failed: number;
  readonly failures: readonly FailedRequest[];
  readonly bytes: number;
  /**
   * Of requests. Closed loop: time of each answer from its sending. Open loop: from the intended sending, which for a later step
   * of a journey is the answer of the step before and the pause. Failed ones are left out.
   */
  readonly latency: LatencySummary;
  /** Null where the plan has no journeys. */
  readonly journeys: JourneyCounts | null;
  readonly stalls: StallFigures;
  readonly generator: {
    /**
     * CPU of the generator process in the window, as a share of one core. Open loop: waiting for an arrival is done by
     * spinning, up to a whole core; there `latenessP99Ms` tells whether the generator was the limit.
     */
    readonly cpuShare: number;
    readonly eventLoopDelayP99Ms: number;
    /** Open loop: how late requests were really sent, in ms; 0 for closed loop. */
    readonly latenessP99Ms: number;
  };
}

export interface CeilingRequest {
  readonly connections: number;
  /** With journeys another generator is used, which reaches less. */
  readonly journeys: boolean;
  readonly cpus?: { readonly generator: readonly number[]; readonly target: readonly number[] };
  readonly runId: string;
}

/** The most that the closed loop reaches on this machine against a server that does nothing. */
export interface LoadCeiling {
  readonly requestsPerS: number;
  /** CPU of the generator, as a share of one core. */
  readonly generatorCpuShare: number;
}

/** Where a load goes, and who is told of its window. */
export type LoadDirection = Pick<LoadPlan, 'origin' | 'onWindow'>;
/** What can be planned before there is a program to load. */
export type Undirected<Plan> = Omit<Plan, keyof LoadDirection>;

/** Generators whose processes have their plans and wait for a program; each gives its load once. */
export interface GeneratorsOnStandBy {
  closedLoop(direction: LoadDirection, signal: AbortSignal): Promise<LoadResult>;
  openLoop(direction: LoadDirection, signal: AbortSignal): Promise<LoadResult>;
  /** Ends what still waits or works. To be called in any case. */
  stop(): Promise<void>;
}

export interface LoadGenerator {
  /** All requests of several results as one distribution, from their histograms (3 significant digits). */
  pool(histograms: readonly string[]): Omit<LatencySummary, 'histogram'>;
  /** The values of such histograms, as far as they are told apart. */
  latencies(histograms: readonly string[]): readonly CountedLatency[];
  closedLoop(plan: ClosedLoopPlan, signal: AbortSignal): Promise<LoadResult>;
  openLoop(plan: OpenLoopPlan, signal: AbortSignal): Promise<LoadResult>;
  /** Starts the processes of both loops: a generator takes as long to start as a program, and can do so meanwhile. */
  standBy(plans: {
    readonly closedLoop: Undirected<ClosedLoopPlan>;
    readonly openLoop: Undirected<OpenLoopPlan>;
  }): GeneratorsOnStandBy;
  /**
   * What is answered, one request after the other over one connection, not timed: each request and journey with one row after
   * the other of the data file, and requests that should change nothing a second time.
   */
  answers(plan: AnswersPlan, signal: AbortSignal): Promise<Behaviour>;
  /** Measured once for each request in the life of this process, in about two seconds; nothing else may be measured meanwhile. */
  ceiling(request: CeilingRequest, signal: AbortSignal): Promise<LoadCeiling>;
  /** Rejects with InputError for a JSON path that is none, before anything is started. */
  check(plan: Pick<LoadPlan, 'requests' | 'journeys'>): Promise<void>;
}
