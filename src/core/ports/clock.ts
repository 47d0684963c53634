export interface Clock {
  /** ISO 8601, UTC. */
  now(): string;
  /** Monotonic, in ms. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts (then it rejects with the signal's reason). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness that is not part of a measurement (ids, seeds). Measurement randomness is seeded: core/random.ts. */
export interface Entropy {
  /** `prefix_` and 8 characters of [a-z0-9]. */
  id(prefix: string): string;
  seed(): number;
}
