import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InternalError } from '../../core/errors.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { Checkouts, Snapshots } from '../../core/ports/snapshots.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { provideDependencies } from './dependencies.ts';
import { linkEnvFiles, linkIncluded } from './link-paths.ts';

export interface CheckoutsOptions {
  /** The project: absolute, real path. */
  readonly directory: string;
  readonly snapshots: Pick<Snapshots, 'checkout'>;
  readonly processes: Processes;
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Per user and outside of projects; checkouts lie in `checkouts/` below it. */
  readonly cacheDir: string;
  /** Default: 10 minutes. */
  readonly installTimeoutMs?: number;
}

const INSTALL_TIMEOUT_MS = 600_000;

export function createCheckouts(options: CheckoutsOptions): Checkouts {
  const { directory, snapshots, processes, baseEnv, installTimeoutMs = INSTALL_TIMEOUT_MS } = options;
  const project = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const home = join(options.cacheDir, 'checkouts', project);
  const homeOf = (runId: string): string => {
    if (isRecordId(runId)) return join(home, runId);
    throw new InternalError('internal', `${JSON.stringify(runId)} is not usable as the id of a run.`, {
      fix: 'Please report this as a defect of deep-optimize.',
    });
  };

  return {
    materialize: async ({ snapshot, runId, slot, include, signal }) => {
      signal.throwIfAborted();
      const place = join(homeOf(runId), slot);
      try {
        await remove(place);
        await mkdir(place, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
          throw toWriteFailure(error, place);
        });
        // A program sees its real path; both slots are compared at paths of equal length.
        const checkout = await realpath(place);
        await snapshots.checkout(snapshot, checkout);
        signal.throwIfAborted();
        // Links first: an install may need them (.npmrc beside .env, a generated package).
        const included = await linkIncluded(directory, checkout, include);
        const env = await linkEnvFiles(directory, checkout);
        const request = { project: directory, checkout, processes, baseEnv, installTimeoutMs, signal };
        const dependencies = await provideDependencies(request);
        signal.throwIfAborted();
        return { directory: checkout, dependencies, linked: [...new Set([...env, ...included])].sort() };
      } catch (error) {
        await remove(place).catch(() => undefined);
        throw error;
      }
    },
    dispose: async (runId) => remove(homeOf(runId)),
    reap: async (activeRunIds) => {
      const active = new Set(activeRunIds);
      const found = await readdir(home).catch(() => []);
      for (const name of found) {
        if (!active.has(name)) await remove(join(home, name));
      }
    },
  };
}

/** Links are removed, never followed. */
async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw toWriteFailure(error, path);
  }
}
