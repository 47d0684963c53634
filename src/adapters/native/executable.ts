import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** By the program that runs, whatever it is called on its command line; false where that is not told. */
export function isPython(pid: number): boolean {
  try {
    return /^(python|pypy)[\d.]*$/.test(basename(readlinkSync(`/proc/${pid}/exe`)));
  } catch {
    return false;
  }
}
