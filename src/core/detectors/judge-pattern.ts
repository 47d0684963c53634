import { analyse } from 'scslre';

export interface JudgedPattern {
  /**
   * `exponential`, `polynomial`: by backtracking. `rescanning`: without, a power of the length all the same, because every
   * start is tried (/\s+$/); most patterns that search are so, and harmless on short texts. `unknown`: not to be read.
   */
  readonly growth: 'exponential' | 'polynomial' | 'rescanning' | 'linear' | 'unknown';
  /** What a text has to repeat. */
  readonly repeat?: string;
}

/** The analysis looks at pairs of quantifiers, so its time grows with the square of the pattern. */
const LONGEST_PATTERN = 2000;
const MOST_REPORTS = 16;

/** How the time of a pattern may grow with the length of a text, by its structure alone. Flags are not known from profiles. */
export function judgePattern(source: string): JudgedPattern {
  if (source.length > LONGEST_PATTERN) return { growth: 'unknown' };
  const reports = readReports(source, /\\p\{|\\u\{/u.test(source) ? 'u' : '');
  if (reports === undefined) return { growth: 'unknown' };
  const backtracks = reports.filter(({ type }) => type !== 'Move');
  const worst = backtracks.find(({ exponential }) => exponential) ?? backtracks[0] ?? reports[0];
  if (worst === undefined) return { growth: 'linear' };
  const repeat = worst.character.pick;
  if (worst.type === 'Move') return { growth: 'rescanning', repeat };
  return { growth: worst.exponential ? 'exponential' : 'polynomial', repeat };
}

function readReports(source: string, flags: string) {
  try {
    return analyse({ source, flags }, { maxReports: MOST_REPORTS, assumeRejectingSuffix: true }).reports;
  } catch (error) {
    // Text that only looks like a pattern, or syntax newer than the parser.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
