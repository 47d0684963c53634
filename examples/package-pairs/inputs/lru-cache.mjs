import { seeded } from './seeded.mjs';

/** Two thousand look-ups of a thousand keys, some of them wanted far more often. */
export function inputs() {
  const random = seeded(3);
  return [[Array.from({ length: 2000 }, () => `key ${Math.floor(random() ** 2 * 1000)}`)]];
}
