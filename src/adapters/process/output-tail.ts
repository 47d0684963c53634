export interface OutputTail {
  push(chunk: Buffer): void;
  text(): string;
}

const CONTINUATION_MASK = 0b1100_0000;
const CONTINUATION = 0b1000_0000;

/** Keeps the last bytes of a stream. At most twice of them are held, so that not every chunk costs a copy. */
export function createOutputTail(keepBytes: number): OutputTail {
  let chunks: Buffer[] = [];
  let held = 0;
  const trim = (): Buffer => {
    const all = Buffer.concat(chunks);
    let start = Math.max(0, all.length - keepBytes);
    // Not in the middle of a UTF-8 character.
    if (start > 0) while (((all[start] ?? 0) & CONTINUATION_MASK) === CONTINUATION) start++;
    // A copy, since a slice would keep the whole memory alive.
    const tail = Buffer.from(all.subarray(start));
    chunks = [tail];
    held = tail.length;
    return tail;
  };
  return {
    push(chunk) {
      chunks.push(chunk);
      held += chunk.length;
      if (held > 2 * keepBytes) trim();
    },
    text: () => trim().toString('utf8'),
  };
}
