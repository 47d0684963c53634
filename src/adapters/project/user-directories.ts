import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

export interface UserDirectories {
  /** What the person decided: approvals. */
  readonly config: string;
  /** What can be made again: checkouts. */
  readonly cache: string;
}

/** By the conventions of the platform, or below one directory (DEEP_OPTIMIZE_HOME). */
export function userDirectories(home?: string): UserDirectories {
  if (home !== undefined && home !== '') {
    return { config: join(resolve(home), 'config'), cache: join(resolve(home), 'cache') };
  }
  const { config, cache } = envPaths('deep-optimize', { suffix: '' });
  return { config, cache };
}
