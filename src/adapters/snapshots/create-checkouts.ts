import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError } from '../../core/errors.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Checkouts, CheckoutSlot, Snapshots } from '../../core/ports/snapshots.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { provideDependencies } from './dependencies.ts';
import { listCheckout, removeAdded, withNewStamps, type Listing } from './leftovers.ts';
import { linkEnvFiles, linkIncluded } from './link-paths.ts';

export interface CheckoutsOptions {
  /** The project: absolute, real path. */
  readonly directory: string;
  readonly snapshots: Pick<Snapshots, 'checkout' | 'restoreFiles'>;
  readonly processes: Processes;
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Per user and outside of projects; checkouts lie in `checkouts/` below it. */
  readonly cacheDir: string;
  /** Where temporary directories of checkouts are made; default: the system's. */
  readonly temporaryDir?: string;
  /** Default: 10 minutes. */
  readonly installTimeoutMs?: number;
}

const INSTALL_TIMEOUT_MS = 600_000;

/** What was laid out, and what lay in it when it was set up. */
interface Laid {
  readonly snapshot: Snapshot;
  readonly listing: Listing | undefined;
}

export function createCheckouts(options: CheckoutsOptions): Checkouts {
  const { directory, snapshots, processes, baseEnv } = options;
  const { installTimeoutMs = INSTALL_TIMEOUT_MS, temporaryDir = tmpdir() } = options;
  const project = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  const home = join(options.cacheDir, 'checkouts', project);
  const requireId = (runId: string): string => {
    if (isRecordId(runId)) return runId;
    throw new InternalError('internal', `${JSON.stringify(runId)} is not usable as the id of a run.`, {
      fix: 'Please report this as a defect of deep-optimize.',
    });
  };
  const homeOf = (runId: string): string => join(home, requireId(runId));
  const placeOf = ({ runId, slot }: CheckoutSlot): string => join(homeOf(runId), slot);
  // Not below the cache: programs put sockets there, whose paths may have 107 bytes.
  const temporaryPrefix = `do-${project}-`;
  const temporaryOf = (runId: string): string => join(temporaryDir, `${temporaryPrefix}${requireId(runId)}`);
  const laid = new Map<string, Laid>();

  return {
    materialize: async ({ snapshot, runId, slot, include, signal }) => {
      signal.throwIfAborted();
      const place = placeOf({ runId, slot });
      const temporary = join(temporaryOf(runId), slot);
      try {
        for (const directory of [place, temporary]) {
          await remove(directory);
          await create(directory);
        }
        // A program sees its real path; both slots are compared at paths of equal length.
        const checkout = await realpath(place);
        await snapshots.checkout(snapshot, checkout);
        laid.set(place, { snapshot, listing: undefined });
        signal.throwIfAborted();
        // Links first: an install may need them (.npmrc beside .env, a generated package).
        const included = await linkIncluded(directory, checkout, include);
        const env = await linkEnvFiles(directory, checkout);
        const request = { project: directory, checkout, processes, baseEnv, installTimeoutMs, signal };
        const dependencies = await provideDependencies(request);
        signal.throwIfAborted();
        return {
          directory: checkout,
          dependencies,
          linked: [...new Set([...env, ...included])].sort(),
          env: temporaryVariables(await realpath(temporary)),
        };
      } catch (error) {
        await remove(place).catch(() => undefined);
        throw error;
      }
    },
    remember: async (slot) => {
      const place = placeOf(slot);
      const now = laid.get(place);
      if (!now) throw notLaidOut(slot);
      laid.set(place, { ...now, listing: await listCheckout(place) });
    },
    restore: async (slot) => {
      const place = placeOf(slot);
      const then = laid.get(place);
      if (then?.listing === undefined) throw notLaidOut(slot);
      const { added, changed } = await removeAdded(place, then.listing);
      if (changed.length > 0) {
        await snapshots.restoreFiles(then.snapshot, place, changed);
        laid.set(place, { ...then, listing: await withNewStamps(place, then.listing, changed) });
      }
      const temporary = join(temporaryOf(slot.runId), slot.slot);
      const inTemporary = await readdir(temporary).catch(() => []);
      await remove(temporary);
      await create(temporary);
      return [...added, ...changed, ...inTemporary.map((name) => `<tmp>/${name}`)].sort();
    },
    dispose: async (runId) => {
      for (const slot of ['a', 'b'] as const) laid.delete(placeOf({ runId, slot }));
      await remove(homeOf(runId)).finally(() => remove(temporaryOf(runId)));
    },
    reap: async (activeRunIds) => {
      const active = new Set(activeRunIds);
      const names = async (directory: string) => await readdir(directory).catch(() => []);
      for (const name of await names(home)) if (!active.has(name)) await remove(join(home, name));
      for (const name of await names(temporaryDir)) {
        if (name.startsWith(temporaryPrefix) && !active.has(name.slice(temporaryPrefix.length)))
          await remove(join(temporaryDir, name));
      }
    },
  };
}

/** By which programs find their temporary directory, on every platform. */
function temporaryVariables(directory: string): Readonly<Record<string, string>> {
  return { TMPDIR: directory, TEMP: directory, TMP: directory };
}

async function create(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toWriteFailure(error, directory);
  });
}

function notLaidOut({ runId, slot }: CheckoutSlot): InternalError {
  return new InternalError('internal', `Checkout ${slot} of ${runId} was not remembered.`, {
    fix: 'Please report this as a defect of deep-optimize.',
  });
}

/** Links are removed, never followed. */
async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw toWriteFailure(error, path);
  }
}
