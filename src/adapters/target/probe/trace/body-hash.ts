import { createHash, type Hash } from 'node:crypto';

/** Of a longer body it is not known whether it is the same: hashing it would cost more than it tells. */
const LONGEST_BODY = 262_144;

export interface BodyHash {
  add(chunk: unknown): void;
  bytes(): number;
  /** Of an empty body too; undefined of one that is too long. */
  digest(): string | undefined;
}

export function createBodyHash(): BodyHash {
  let hash: Hash | undefined;
  let bytes = 0;
  let isKnown = true;
  return {
    add(chunk) {
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
      bytes += typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length;
      isKnown &&= bytes <= LONGEST_BODY;
      if (isKnown) (hash ??= createHash('sha1')).update(chunk);
    },
    bytes: () => bytes,
    digest() {
      if (!isKnown) return undefined;
      return hash === undefined ? '0' : hash.copy().digest('hex').slice(0, 16);
    },
  };
}
