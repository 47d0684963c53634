/** Entries that short cycles are repeated up to, each time shuffled anew. */
const MIXED_LENGTH = 240;

/**
 * The cyclic order in which weighted requests are sent: indices into `weights`. Weights divided by their common divisor
 * give one cycle, in which each request comes as often as its weight says. Several cycles stand in a row, each in an
 * order of its own from the seed: the mix is exact after every cycle, and yet no pattern repeats every few requests. A
 * cycle that would be longer than `maxLength` is scaled down by largest remainder, every request at least once.
 */
export function orderByWeight(
  weights: readonly number[],
  seed: number,
  maxLength = 1_000,
): readonly number[] {
  const cycle = countsInCycle(weights, maxLength).flatMap((count, index) =>
    Array.from({ length: count }, () => index),
  );
  const cycles = Math.max(1, Math.floor(Math.min(maxLength, MIXED_LENGTH) / cycle.length));
  const random = mulberry32(seed);
  return Array.from({ length: cycles }, () => shuffle(cycle, random)).flat();
}

function countsInCycle(weights: readonly number[], maxLength: number): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.every((weight) => Number.isInteger(weight) && weight > 0)) {
    const divisor = weights.reduce(greatestCommonDivisor, 0);
    if (total / divisor <= maxLength) return weights.map((weight) => weight / divisor);
  }
  const exact = weights.map((weight) => (weight / total) * maxLength);
  const counts = exact.map((share) => Math.max(1, Math.floor(share)));
  const missing = Math.max(0, maxLength - counts.reduce((sum, count) => sum + count, 0));
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder);
  const rounded = new Set(byRemainder.slice(0, missing).map(({ index }) => index));
  return counts.map((count, index) => (rounded.has(index) ? count + 1 : count));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** By Tommy Ettinger, public domain: the order only has to be repeatable and mixed. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher-Yates on a copy. The indices are in range, hence the assertions. */
function shuffle(values: readonly number[], random: () => number): readonly number[] {
  const shuffled = [...values];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    const chosen = shuffled[at] as number;
    shuffled[at] = shuffled[last] as number;
    shuffled[last] = chosen;
  }
  return shuffled;
}
