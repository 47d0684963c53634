import { randomInt } from 'node:crypto';
import type { Entropy } from '../../core/ports/clock.ts';

/** Without letters and digits that people mix up (0/o, 1/l/i). */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const ID_LENGTH = 8;

export function createEntropy(): Entropy {
  return {
    id: (prefix) =>
      `${prefix}_${Array.from({ length: ID_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`,
    seed: () => randomInt(2 ** 31),
  };
}
