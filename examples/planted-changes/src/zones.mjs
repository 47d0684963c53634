/** Postcodes and the zone they belong to: the longest prefix of a postcode decides. */
export const ZONES = Array.from({ length: 4500 }, (_, index) => ({
  prefix: String(10_000 + index * 20).slice(0, 4),
  zone: 1 + (index % 5),
}));

/** The zone of a postcode; what no prefix covers is the farthest. */
export function zoneOf(postcode) {
  let best = { prefix: '', zone: 5 };
  for (const candidate of ZONES) {
    if (candidate.prefix.length > best.prefix.length && postcode.startsWith(candidate.prefix))
      best = candidate;
  }
  return best.zone;
}
