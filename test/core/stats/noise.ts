import type { Random } from '../../../src/core/random.ts';

/** Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Cauchy: no mean, no variance; a stand-in for runs that a neighbour stalls. */
export function cauchy(random: Random): number {
  return Math.tan(Math.PI * (random.next() - 0.5));
}
