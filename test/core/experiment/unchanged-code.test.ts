import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../../src/core/model/metrics.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { compareAtLook, defaultFloor, type LookVerdict } from '../../../src/core/stats/compare.ts';
import { LOOKS } from '../../../src/core/stats/looks.ts';
import { pairedDifferences, shiftOf } from '../../../src/core/stats/paired-differences.ts';

interface Recording {
  readonly example: string;
  readonly metrics: Partial<Record<MetricName, readonly (readonly [number, number])[]>>;
}

const FOLDER = join(import.meta.dirname, '../../fixtures/unchanged-code');
const RECORDINGS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Recording);

/** What each kind decides by, and a tail. */
const DECIDING: readonly MetricName[] = [
  'throughput_rps',
  'cpu_us_per_request',
  'latency_p95_ms',
  'wall_low_ms',
  'wall_ms',
  'cpu_ms',
  'rss_peak_bytes',
];

/** Differences of one metric over all recorded blocks of one example. */
const SERIES = RECORDINGS.flatMap(({ example, metrics }) =>
  DECIDING.flatMap((metric) => {
    const pairs = metrics[metric];
    if (pairs === undefined || pairs.flat().some((value) => !(value > 0))) return [];
    const differences = pairedDifferences(
      pairs.map(([a]) => a),
      pairs.map(([, b]) => b),
      METRICS[metric],
    );
    return [{ example, metric, differences }];
  }),
);

/** One comparison as a validation makes it, look by look; which side is the candidate, a coin says again for each block. */
function judge(
  differences: readonly number[],
  metric: MetricName,
  random: Random,
  strict: boolean,
): LookVerdict {
  const { minimumEffect, scale } = METRICS[metric];
  const delta = shiftOf(minimumEffect, scale);
  const flipped = differences.map((difference) => (random.coin() === 0 ? difference : -difference));
  for (const [lookIndex, blocks] of LOOKS.standard.entries()) {
    const { verdict } = compareAtLook({
      differences: flipped.slice(0, blocks),
      alpha: 0.04,
      schedule: 'standard',
      lookIndex,
      // Strict: nothing but the boundary stands between noise and a verdict.
      delta: strict ? 0 : delta,
      floor: strict ? 0 : defaultFloor(delta, scale),
    });
    if (verdict !== 'undecided') return verdict;
  }
  return 'undecided';
}

function countFalse(comparisons: number, strict: boolean): number {
  const random = seededRandom(20_261_125);
  const longest = LOOKS.standard.at(-1) ?? 0;
  let wrong = 0;
  for (let i = 0; i < comparisons; i++) {
    const series = SERIES[i % SERIES.length];
    if (series === undefined) throw new Error('There are no recordings.');
    const start = random.int(series.differences.length - longest + 1);
    const verdict = judge(series.differences.slice(start, start + longest), series.metric, random, strict);
    if (verdict === 'improved' || verdict === 'regressed') wrong++;
  }
  return wrong;
}

describe('unchanged code, recorded from real processes', () => {
  it('is there, of every kind of workload, with enough blocks for windows of a whole comparison', () => {
    expect(RECORDINGS.map(({ example }) => example).sort()).toEqual([
      'site-builder-py',
      'slow-api',
      'slow-parse',
      'slow-query',
    ]);
    for (const { differences } of SERIES)
      expect(differences.length).toBeGreaterThanOrEqual(LOOKS.standard.at(-1) ?? 0);
  });

  // 97.5 % of binomial(200, 0.05) lies at or below 16.
  it('gives at most 16 false verdicts in 200 comparisons at alpha 0.05 when only the boundary protects', () => {
    expect(countFalse(200, true)).toBeLessThanOrEqual(16);
  });

  it('gives at most 5 with the floor and the minimum effect that a validation has', () => {
    expect(countFalse(200, false)).toBeLessThanOrEqual(5);
  });
});
