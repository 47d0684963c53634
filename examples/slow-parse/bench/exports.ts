const ARTICLES = ['lamp', 'desk, oak', 'chair', '24" screen', 'keyboard', 'mouse', 'shelf', 'plant'];

/** Inputs of `parseOrders`: one export with `size` records, about two for each order, the same text at every call. */
export function exports(size: number): [string][] {
  const random = mulberry32(7);
  const orders = Math.max(1, Math.round(size / 2));
  const records = Array.from({ length: size }, () => {
    const order = Math.floor(random() * orders);
    const article = ARTICLES[Math.floor(random() * ARTICLES.length)] ?? '';
    return `A-${100_000 + order},customer ${order % 977},${quote(article)},${1 + Math.floor(random() * 5)},${100 + Math.floor(random() * 90_000)}`;
  });
  return [[`order,customer,article,quantity,cents\n${records.join('\n')}\n`]];
}

function quote(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A seeded generator, so that every process gets the same inputs (Tommy Ettinger's mulberry32, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}
