/** One line of a result: what was measured, how sure, and whether it keeps its target. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** Interval or range, named in words. */
  readonly spread: string;
  readonly n: number;
  readonly target?: string;
  readonly outcome?: Outcome;
}

/** "open": the interval holds the target, so more measurements would have to decide. */
export type Outcome = 'pass' | 'fail' | 'open';

/** Of docs/, where figures are printed. */
export type Page = 'benchmarks' | 'method';

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** How the figures came about, for the page. */
  readonly method: string;
  /** Default: benchmarks. */
  readonly page?: Page;
  run(): Promise<readonly Figure[]>;
}

/** Where an interval lies against the most that is allowed. */
export function judge([low, high]: readonly [number, number], max: number): Outcome {
  return high <= max ? 'pass' : low > max ? 'fail' : 'open';
}

/** "17.2 to 19.8": the whole range of the values, in order. */
export function rangeOf(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
}
