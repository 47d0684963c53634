import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const PYTHON = /^(python|pypy)[\d.]*$/;

/** By the program that runs, whatever it is called on its command line; false where that is not told. */
export function isPython(pid: number): boolean {
  try {
    return PYTHON.test(basename(readlinkSync(`/proc/${pid}/exe`)));
  } catch {
    return false;
  }
}

/** By its name alone: what a script or a wrapper starts is not known before it runs. */
export function startsPython([program = '']: readonly string[]): boolean {
  return PYTHON.test(basename(program));
}
