/**
 * A reproducible stream of random numbers: the same seed gives the same block order, the same signs for zeros
 * and the same simulations on every machine. Not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1), with 53 random bits. */
  next(): number;
  /** Uniform integer in [0, n). */
  int(n: number): number;
  coin(): 0 | 1;
  /** A new array in random order; the argument stays as it is. */
  shuffle<T>(values: readonly T[]): T[];
}

export type Xoshiro128State = readonly [number, number, number, number];

/** Every 32-bit number is a seed; others are cut to their low 32 bits. */
export function seededRandom(seed: number): Random {
  const word = splitMix32(seed);
  return randomFrom(xoshiro128([word(), word(), word(), word()]));
}

/**
 * xoshiro128** 1.1 by Blackman and Vigna, public domain (https://prng.di.unimi.it/xoshiro128starstar.c). Chosen
 * over sfc32 because reference outputs are published, so that the test can prove this copy right. Returns
 * unsigned 32-bit words.
 */
export function xoshiro128(state: Xoshiro128State): () => number {
  let [a, b, c, d] = state;
  return () => {
    const word = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return word;
  };
}

/**
 * The authors of xoshiro ask for a state filled by a generator of another kind, so that neighbouring seeds give
 * unrelated streams: SplitMix with 32-bit words (golden-ratio step, finalizer of MurmurHash3).
 */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  };
}

function randomFrom(word: () => number): Random {
  const next = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  // The remainder bias of n values out of 2^53 is below n / 2^53, far under anything that is measured here.
  const int = (n: number): number => Math.floor(next() * n);
  return {
    next,
    int,
    // The high bit: the low bits of ** scramblers are the weaker ones.
    coin: () => (word() >>> 31 === 1 ? 1 : 0),
    shuffle: <T>(values: readonly T[]): T[] => {
      // Fisher-Yates (Knuth, TAOCP 2, 3.4.2) on a copy. The indices are in range, hence the assertions.
      const shuffled = [...values];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const at = int(last + 1);
        const chosen = shuffled[at] as T;
        shuffled[at] = shuffled[last] as T;
        shuffled[last] = chosen;
      }
      return shuffled;
    },
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
