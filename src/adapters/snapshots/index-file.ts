import { open, readFile } from 'node:fs/promises';

/*
 * Git's index, as far as it is read here: https://git-scm.com/docs/index-format, version 2 (what git writes unless a
 * configuration asks for another, and ours does not).
 */
const HEADER_BYTES = 12;
const FLAGS_OFFSET = 60;
const NAME_OFFSET = 62;
const NAME_MASK = 0xfff;
const EXTENDED = 0x4000;

/** How many entries it holds; no file: nothing was added. */
export async function countEntries(file: string): Promise<number> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return 0;
  try {
    const { buffer } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.readUInt32BE(8);
  } finally {
    await handle.close();
  }
}

/** The newest change time (ctime) of the entries, in whole seconds since 1970; infinite when the format is unknown. */
export async function newestChange(file: string): Promise<number> {
  const index = await readFile(file);
  const version = index.readUInt32BE(4);
  if (version !== 2 && version !== 3) return Infinity;
  let newest = 0;
  let at = HEADER_BYTES;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    newest = Math.max(newest, index.readUInt32BE(at));
    const flags = index.readUInt16BE(at + FLAGS_OFFSET);
    const nameAt = NAME_OFFSET + ((flags & EXTENDED) === 0 ? 0 : 2);
    const short = flags & NAME_MASK;
    const name = short < NAME_MASK ? short : index.indexOf(0, at + nameAt) - at - nameAt;
    // Padded with 1 to 8 zero bytes.
    at += (nameAt + name + 8) & ~7;
  }
  return newest;
}
