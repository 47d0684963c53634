import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const gzipAsync = promisify(gzip);

/** A text for a client that takes gzip. */
export async function compress(text) {
  return gzipAsync(text, { level: constants.Z_BEST_COMPRESSION, memLevel: 9 });
}
