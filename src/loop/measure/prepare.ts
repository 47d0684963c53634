import { SETUP_TIMEOUT_S } from '../../core/efforts.ts';
import { TargetError } from '../../core/errors.ts';
import type { Workload } from '../../core/model/goals.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import type { Checkout } from '../../core/ports/snapshots.ts';
import { measurerOf } from '../kinds/index.ts';

export interface PrepareRequest {
  readonly snapshot: Snapshot;
  readonly workload: Workload;
  readonly runId: string;
  readonly slot: 'a' | 'b';
  readonly signal: AbortSignal;
}

/** A snapshot, checked out with its dependencies and set up: ready to start. The working tree is never what is measured. */
export async function prepareCheckout(
  ports: Ports,
  project: Project,
  request: PrepareRequest,
): Promise<Checkout> {
  const { snapshot, workload, runId, slot, signal } = request;
  const checkout = await project.checkouts.materialize({
    snapshot,
    runId,
    slot,
    include: workload.include ?? [],
    signal,
  });
  for (const command of workload.setup ?? []) {
    const result = await ports.processes.run(
      {
        command,
        cwd: checkout.directory,
        env: { ...ports.baseEnv, ...measurerOf(workload).env, DEEP_OPTIMIZE_RUN: runId },
      },
      { timeoutMs: SETUP_TIMEOUT_S * 1000, signal },
    );
    if (result.code === 0) continue;
    const how =
      result.startError ??
      (result.timedOut
        ? `ran past ${SETUP_TIMEOUT_S} s`
        : `exit code ${result.code ?? result.signal ?? 'unknown'}`);
    throw new TargetError('setup_failed', `Setup command ${JSON.stringify(command)} failed: ${how}.`, {
      fix: 'Make it succeed in a fresh checkout of the project (git-ignored files are not there; name what it needs in "include").',
      output: result.stderr.trim() === '' ? result.stdout : result.stderr,
    });
  }
  return checkout;
}
