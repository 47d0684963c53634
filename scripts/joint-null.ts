import type { Random } from '../src/core/random.ts';

/**
 * Boundaries of the group-sequential signed-rank test: the joint distribution of min(W+, W-) at the looks, when
 * the signs are fair coins and the sizes of the differences come in random order (no drift of the noise; what a
 * drift does is tested in test/core/stats). Alpha is spent linearly: after n of N blocks the chance of a wrong
 * rejection so far is at most alpha * n / N (Lan and DeMets 1983, with the uniform spending function); what the
 * whole numbers of W leave unspent at one look carries over to the next.
 */
export interface Look {
  readonly n: number;
  /** Reject when min(W+, W-) <= critical; null: too early to reject at all. */
  readonly critical: number | null;
  /** Chance of a wrong rejection at this look or before. */
  readonly spent: number;
}

/**
 * Exact, for looks up to 25 blocks of a schedule that ends at `total`. The state is the vector of signs in order of size, as bits (bit i = sign
 * of the i-th smallest, 1 = positive). A new block falls on every rank with the same probability, so the
 * probability of a vector of n + 1 is the mean over its bits of the probability of the vector without that bit,
 * halved for the coin. 2^n states for n blocks; half of them suffice, as flipping all signs changes nothing.
 */
export function deriveExactly(looks: readonly number[], alpha: number, total: number): readonly Look[] {
  const last = looks.at(-1) ?? 0;
  let probabilities = new Float64Array([1]);
  let spent = 0;
  const derived: Look[] = [];
  for (let n = 1; n <= last; n++) {
    probabilities = insertOneBlock(probabilities, n);
    if (!looks.includes(n)) continue;
    const tails = tailsOfSmallerSum(probabilities, n);
    const chosen = spend(tails, (alpha * n) / total - spent);
    spent += chosen.probability;
    derived.push({ n, critical: chosen.critical, spent });
    if (chosen.critical !== null && n < last) stopAtBoundary(probabilities, n, chosen.critical);
  }
  return derived;
}

function insertOneBlock(before: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const states = 2 ** n;
  const after = new Float64Array(states);
  const share = 1 / (2 * n);
  for (let signs = 0; signs < states / 2; signs++) {
    let sum = 0;
    for (let rank = 0; rank < n; rank++) {
      const below = signs & ((1 << rank) - 1);
      sum += before[below | ((signs >>> (rank + 1)) << rank)] ?? 0;
    }
    const probability = sum * share;
    after[signs] = probability;
    after[states - 1 - signs] = probability;
  }
  return after;
}

function tailsOfSmallerSum(probabilities: Float64Array, n: number): Float64Array {
  const tails = new Float64Array(Math.floor((n * (n + 1)) / 4) + 1);
  for (let signs = 0; signs < probabilities.length; signs++) {
    const w = smallerSum(signs, n);
    tails[w] = (tails[w] ?? 0) + (probabilities[signs] ?? 0);
  }
  return tails;
}

function stopAtBoundary(probabilities: Float64Array, n: number, critical: number): void {
  for (let signs = 0; signs < probabilities.length; signs++) {
    if (smallerSum(signs, n) <= critical) probabilities[signs] = 0;
  }
}

function smallerSum(signs: number, n: number): number {
  let plus = 0;
  for (let rest = signs; rest !== 0; rest &= rest - 1) plus += 32 - Math.clz32(rest & -rest);
  return Math.min(plus, (n * (n + 1)) / 2 - plus);
}

/** The largest critical value whose probability is within what may be spent. */
function spend(
  probabilities: Float64Array,
  available: number,
): { readonly critical: number | null; readonly probability: number } {
  let critical: number | null = null;
  let probability = 0;
  for (const [w, more] of probabilities.entries()) {
    // The slack is for rounding: probabilities are sums of millions of terms.
    if (probability + more > available * (1 + 1e-9)) break;
    probability += more;
    critical = w;
  }
  return { critical, probability };
}

/** min(W+, W-) at every look of many simulated runs: `smaller[look][trial]`. */
export interface SimulatedLooks {
  readonly looks: readonly number[];
  readonly trials: number;
  readonly smaller: readonly Uint16Array[];
}

/** One pass serves every alpha. Signs in order of size; a new block goes in at a random rank. */
export function simulateLooks(looks: readonly number[], trials: number, random: Random): SimulatedLooks {
  const last = looks.at(-1) ?? 0;
  const smaller = looks.map(() => new Uint16Array(trials));
  const signs = new Uint8Array(last);
  for (let trial = 0; trial < trials; trial++) {
    let plus = 0;
    let look = 0;
    for (let n = 1; n <= last; n++) {
      const rank = random.int(n);
      const sign = random.coin();
      // Everything larger moves up by one rank.
      for (let i = n - 1; i > rank; i--) {
        const moved = signs[i - 1] ?? 0;
        signs[i] = moved;
        plus += moved;
      }
      signs[rank] = sign;
      if (sign === 1) plus += rank + 1;
      if (n === looks[look]) {
        const column = smaller[look];
        if (column !== undefined) column[trial] = Math.min(plus, (n * (n + 1)) / 2 - plus);
        look++;
      }
    }
  }
  return { looks, trials, smaller };
}

/** Goes on where the exact derivation has to stop (2^48 states): `known` looks are applied, the others derived. */
export function deriveBySimulation(
  simulated: SimulatedLooks,
  alpha: number,
  known: readonly (number | null)[],
): readonly Look[] {
  const last = simulated.looks.at(-1) ?? 0;
  const stopped = new Uint8Array(simulated.trials);
  let spent = 0;
  return simulated.looks.map((n, look) => {
    const column = simulated.smaller[look] ?? new Uint16Array();
    const probabilities = new Float64Array(Math.floor((n * (n + 1)) / 4) + 1);
    column.forEach((w, trial) => {
      if (stopped[trial] === 0) probabilities[w] = (probabilities[w] ?? 0) + 1 / simulated.trials;
    });
    const given = known[look];
    const chosen =
      given === undefined
        ? spend(probabilities, (alpha * n) / last - spent)
        : {
            critical: given,
            probability: given === null ? 0 : probabilities.subarray(0, given + 1).reduce((a, b) => a + b, 0),
          };
    spent += chosen.probability;
    const { critical } = chosen;
    if (critical !== null) {
      column.forEach((w, trial) => {
        if (w <= critical) stopped[trial] = 1;
      });
    }
    return { n, critical, spent };
  });
}
