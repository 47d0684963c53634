import type { AnswersPlan, ClosedLoopPlan, LoadPlan, OpenLoopPlan } from '../../core/ports/load.ts';

/** Where a child sends its requests, decided by the parent: the child resolves nothing. */
export interface Destination {
  readonly protocol: 'http:' | 'https:';
  /** Addresses of the host, in the order to try; the first that accepts a connection is used. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Value of the Host header: the host that the plan named. */
  readonly host: string;
  /** Set for TLS when the host is a name. */
  readonly servername?: string;
  readonly loopback: boolean;
}

/** What a child is told first, on a line of its own: it can make itself ready with it. The destination is a second line. */
export interface ChildPlan extends Pick<LoadPlan, 'requests' | 'journeys' | 'data' | 'durationMs' | 'seed'> {
  /** Of the process that planned this; when it is gone, nobody waits for the result. */
  readonly parentPid: number;
}

/** What a load is made from when there is a program to load. */
export type Directed<Plan> = Plan & { readonly destination: Destination };

export interface ClosedLoopChildPlan extends ChildPlan, Pick<ClosedLoopPlan, 'connections' | 'warmupMs'> {}

export interface OpenLoopChildPlan
  extends ChildPlan, Pick<OpenLoopPlan, 'ratePerS' | 'arrivals' | 'maxInFlight'> {}

export interface AnswersChildPlan extends Omit<ChildPlan, 'durationMs'>, Pick<AnswersPlan, 'scope'> {}

/** A request without an answer after this is a failure, in both loops. autocannon takes whole seconds only. */
export const REQUEST_TIMEOUT_S = 10;

/** How long the open loop waits after its window for answers that are still due. */
export const DRAIN_MS = 5_000;
