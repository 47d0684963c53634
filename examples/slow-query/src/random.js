/**
 * Seeded generator (mulberry32, public domain, by Tommy Ettinger): every build has to make the same rows, or two versions
 * of a query could not be compared.
 */
export function createRandom(seed) {
  let state = seed >>> 0;

  /** A number in [0, 1). */
  function next() {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from `low` to `high`, both included. */
  function integer(low, high) {
    return low + Math.floor(next() * (high - low + 1));
  }

  function pick(list) {
    return list[integer(0, list.length - 1)];
  }

  return { integer, pick };
}
