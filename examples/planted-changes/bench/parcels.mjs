/** Inputs of `quoteAll`: three lists of `size` parcels, the same at every call. */
export function parcels(size) {
  return [1, 2, 3].map((seed) => {
    const random = seeded(seed);
    const list = Array.from({ length: size }, () => ({
      postcode: String(10_000 + Math.floor(random() * 89_999)),
      grams: 50 + Math.floor(random() * 31_000),
    }));
    return [list];
  });
}

/** A seeded generator, so that every process gets the same inputs (Tommy Ettinger's mulberry32, public domain). */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
