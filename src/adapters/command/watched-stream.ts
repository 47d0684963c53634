export interface WatchedStream {
  push(chunk: Buffer): void;
  /** The last bytes, as text. */
  tail(): string;
  /** Whether the text came, in a chunk or across several; null when none is looked for. */
  found(): boolean | null;
}

/** As much as an error shows, and some. */
const KEEP_BYTES = 16 * 1024;

/** Keeps little of what a command prints, however much that is. */
export function watchStream(lookFor?: string): WatchedStream {
  const wanted = lookFor === undefined ? undefined : Buffer.from(lookFor);
  let kept = Buffer.alloc(0);
  /** What came before and may be the start of the wanted text. */
  let seam = Buffer.alloc(0);
  let found = false;
  return {
    push(chunk) {
      kept = Buffer.concat([kept, chunk.subarray(-KEEP_BYTES)]).subarray(-KEEP_BYTES);
      if (wanted === undefined || found) return;
      const joined = Buffer.concat([seam, chunk]);
      found = joined.includes(wanted);
      seam = wanted.length > 1 ? joined.subarray(-(wanted.length - 1)) : Buffer.alloc(0);
    },
    tail: () => kept.toString('utf8'),
    found: () => (wanted === undefined ? null : found),
  };
}
