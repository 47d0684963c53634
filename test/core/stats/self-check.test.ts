import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/core/model/metrics.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { checkSelf, type SelfCheckResult } from '../../../src/core/stats/self-check.ts';
import type { PairedBlock } from '../../../src/core/stats/stability.ts';
import { normal } from './noise.ts';

interface World {
  readonly blocks?: number;
  /** How much slower B is than A, and how much slower the second process is than the first. */
  readonly bias?: number;
  readonly second?: number;
  readonly level?: (block: number, random: Random) => number;
  readonly stalls?: number;
}

function measure(
  { blocks = 12, bias = 0, second = 0, level = () => 0, stalls = 0 }: World,
  random: Random,
): readonly PairedBlock[] {
  const run = (block: number, shift: number): number =>
    200 * Math.exp(level(block, random) + shift + 0.02 * normal(random)) * (random.next() < stalls ? 3 : 1);
  return Array.from({ length: blocks }, (_, block) => {
    const aFirst = random.coin() === 0;
    return { a: run(block, aFirst ? 0 : second), b: run(block, bias + (aFirst ? second : 0)), aFirst };
  });
}

function check(world: World, seed = 1): SelfCheckResult {
  const random = seededRandom(seed);
  return checkSelf(measure(world, random), METRICS.latency_p95_ms, 0.05, random);
}

/** Share of 200 seeded checks that have a property. */
function shareOf(world: World, property: (result: SelfCheckResult) => boolean): number {
  return Array.from({ length: 200 }, (_, seed) => check(world, seed)).filter(property).length / 200;
}

describe('checkSelf', () => {
  it('passes two equal sides in all but about one of a hundred tries', () => {
    // 200 tries at .0093 (exact for 12 blocks): more than 7 are rarer than one in a thousand.
    expect(shareOf({}, (result) => result.status === 'failed')).toBeLessThanOrEqual(7 / 200);
    const { status, blocks, interval, text } = check({});
    expect({ status, blocks }).toEqual({ status: 'passed', blocks: 12 });
    expect(interval?.[0]).toBeLessThan(0);
    expect(interval?.[1]).toBeGreaterThan(0);
    expect(text).toContain('12 blocks');
  });

  it('fails a harness that favours one side, and says how much as a change of the metric', () => {
    const result = check({ bias: 0.1 });
    expect(result.status).toBe('failed');
    expect(result.interval?.[0]).toBeGreaterThan(0.04);
    expect(result.estimate).toBeGreaterThan(0.08);
    expect(result.estimate).toBeLessThan(0.13);
    const random = seededRandom(1);
    const throughput = checkSelf(measure({ bias: 0.1 }, random), METRICS.throughput_rps, 0.05, random);
    expect(throughput.estimate).toBeCloseTo(result.estimate ?? 0, 12);
  });

  it('needs eight blocks', () => {
    expect(check({ blocks: 7, bias: 1 })).toMatchObject({
      status: 'too_few_blocks',
      interval: null,
      blocks: 7,
    });
    expect(check({ blocks: 8, bias: 1 }).status).toBe('failed');
    expect(check({ blocks: 0 })).toMatchObject({ status: 'too_few_blocks', estimate: null });
  });
});

describe('stability', () => {
  it('finds nothing to complain about on a quiet machine', () => {
    expect(shareOf({}, (result) => result.stability.instabilities.length > 0)).toBeLessThan(0.1);
  });

  it('sees noise that comes in spells, which blocks cancel and single runs do not', () => {
    const spells: World = { blocks: 24, level: (block) => (Math.floor(block / 6) % 2) * 0.3 };
    expect(
      shareOf(spells, ({ stability }) => stability.instabilities.includes('correlated')),
    ).toBeGreaterThan(0.9);
    expect(shareOf(spells, ({ status }) => status === 'failed')).toBeLessThanOrEqual(7 / 200);
  });

  it('sees stalls and deletes nothing', () => {
    const stalled = check({ blocks: 40, stalls: 0.25 }, 3);
    expect(stalled.stability.stallShare).toBeGreaterThan(0.12);
    expect(stalled.stability.instabilities).toContain('stalls');
    expect(stalled.blocks).toBe(40);
  });

  it('sees a second process that is slower, which the coin keeps out of the comparison', () => {
    const second: World = { second: 0.06, blocks: 16 };
    expect(
      shareOf(second, ({ stability }) => stability.instabilities.includes('order_effect')),
    ).toBeGreaterThan(0.9);
    expect(check(second).stability.order?.change).toBeGreaterThan(0.03);
    expect(shareOf(second, ({ status }) => status === 'failed')).toBeLessThanOrEqual(7 / 200);
  });

  it('sees a comparison that turned around halfway', () => {
    const random = seededRandom(1);
    const blocks = Array.from({ length: 12 }, (_, i) => ({
      a: 100,
      b: i < 6 ? 110 : 95,
      aFirst: i % 2 === 0,
    }));
    const { stability } = checkSelf(blocks, METRICS.latency_p95_ms, 0.05, random);
    expect(stability.halves?.first).toBeCloseTo(0.1, 9);
    expect(stability.halves?.second).toBeCloseTo(-0.05, 9);
    expect(stability.instabilities).toContain('drifting');
    // A never varied: neither a correlation nor a stall can be said.
    expect(stability).toMatchObject({ lag1Correlation: null, stallShare: null });
  });

  it('computes lag-1 correlation as published', () => {
    // R: acf(c(1, 2, 3, 4, 5), plot = FALSE)$acf[2] = 0.4
    const blocks = [1, 2, 3, 4, 5].map((a) => ({ a, b: a, aFirst: true }));
    const { stability } = checkSelf(blocks, METRICS.latency_p95_ms, 0.05, seededRandom(1));
    expect(stability.lag1Correlation).toBeCloseTo(0.4, 12);
  });
});
