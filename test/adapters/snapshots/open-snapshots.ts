import { join } from 'node:path';
import type { KeptSnapshots } from '../../../src/adapters/snapshots/prune.ts';
import { createSnapshots } from '../../../src/adapters/snapshots/create-snapshots.ts';
import { prepareStateDirectory } from '../../../src/adapters/store/state-directory.ts';
import type { Snapshots } from '../../../src/core/ports/snapshots.ts';
import { simpleProcesses } from '../../support/simple-processes.ts';

export const baseEnv = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };

export function openSnapshots(
  directory: string,
  env: Readonly<Record<string, string>> = baseEnv,
  keptSnapshots?: KeptSnapshots,
): Snapshots {
  return createSnapshots({
    directory,
    processes: simpleProcesses,
    clock: { now: () => '2026-11-22T10:00:00.000Z' },
    baseEnv: env,
    prepareStateDirectory,
    ...(keptSnapshots === undefined ? {} : { keptSnapshots }),
  });
}

export function privateDirectory(project: string): string {
  return join(project, '.deep-optimize', 'snapshots.git');
}
