import { EFFORTS } from '../../core/efforts.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import type { Side } from '../measure/blocks.ts';
import { portsOfCheckout } from '../measure/ports-of-checkout.ts';
import { createSide } from '../measure/side.ts';
import type { RunHandle } from '../runs.ts';
import type { Draft, Sides } from './request.ts';

/** Fresh processes of one side of an experiment, under the load of its baseline. */
export function sideOfDraft(
  ports: Ports,
  project: Project,
  { request: { workload, goals, baseline, effort } }: Draft,
  checkout: Sides['a'],
  run: RunHandle,
): Side {
  return createSide(portsOfCheckout(ports, checkout), {
    runId: run.id,
    workload,
    prices: goals.prices,
    directory: checkout.directory,
    projectDirectory: project.directory,
    load: baseline.load,
    plan: EFFORTS[effort],
    signal: run.signal,
  });
}
