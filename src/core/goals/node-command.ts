import type { Argv } from '../model/goals.ts';

/** Runs a source file; TypeScript through tsx, which needs no build. */
export function nodeCommand(file: string, ...rest: readonly string[]): Argv {
  return /\.[cm]?tsx?$/.test(file) ? ['node', '--import', 'tsx', file, ...rest] : ['node', file, ...rest];
}
