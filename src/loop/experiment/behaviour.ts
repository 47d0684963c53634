import {
  compareBehaviour,
  firstOfEachField,
  type BehaviourComparison,
} from '../../core/behaviour/compare-behaviour.ts';
import { describeMasked } from '../../core/behaviour/describe.ts';
import { learnMask, type Mask } from '../../core/behaviour/learn-mask.ts';
import type { Behaviour } from '../../core/behaviour/model.ts';
import { EFFORTS, OBSERVE_MS } from '../../core/efforts.ts';
import { DeepOptimizeError } from '../../core/errors.ts';
import { BEHAVIOUR_NOT_CHECKED, type BehaviourResult } from '../../core/model/experiment.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { measurerOf } from '../kinds/index.ts';
import { portsOfCheckout } from '../measure/ports-of-checkout.ts';
import type { RunHandle } from '../runs.ts';
import { onSide } from './failures.ts';
import type { Draft, Sides } from './request.ts';

/** Differences that are kept with the experiment, the smallest of each field. */
const KEPT_DIFFERENCES = 20;
/** Masked places that are kept. */
const KEPT_MASKED = 50;

export interface BehaviourCheck {
  readonly behaviour: BehaviourResult;
  readonly warnings: readonly Warning[];
}

/**
 * Does the candidate do what the baseline does? Two fresh processes of the baseline say what varies by itself, one of the
 * candidate is compared with them. Before a difference counts, a third one of the baseline runs after the candidate: what
 * the clock or chance changed meanwhile differs there too.
 */
export async function checkBehaviour(
  ports: Ports,
  project: Project,
  draft: Draft,
  { a, b }: Sides,
  run: RunHandle,
): Promise<BehaviourCheck> {
  const { workload, baseline, effort } = draft.request;
  const observe = (checkout: Sides['a'], extent?: number): Promise<Behaviour> =>
    measurerOf(workload).behave(portsOfCheckout(ports, checkout), {
      runId: run.id,
      directory: checkout.directory,
      projectDirectory: project.directory,
      plan: EFFORTS[effort],
      signal: run.signal,
      load: baseline.load,
      seed: draft.seed,
      scope: {
        limitMs: OBSERVE_MS,
        places: [
          [checkout.directory, '<checkout>'],
          ...Object.values(checkout.env).map((directory) => [directory, '<tmp>'] as const),
        ],
        ...(extent === undefined ? {} : { extent }),
      },
    });

  run.report({ fraction: 0.04, message: 'comparing what both sides answer', etaS: null });
  let first: Behaviour;
  let second: Behaviour;
  try {
    first = await observe(a);
    second = await observe(a, first.extent);
  } catch (error) {
    if (run.signal.aborted || !isOfTarget(error)) throw error;
    return notChecked(`the baseline could not be looked at (${error.message})`);
  }
  const candidate = await onSide('candidate', () => observe(b, first.extent));
  const mask = learnMask([first, second]);
  const comparison = compareBehaviour(first, candidate, mask);
  if (comparison.differences.length === 0) return conclude(comparison, mask);
  const third = await observe(a, first.extent).catch((error: unknown) => {
    if (run.signal.aborted || !isOfTarget(error)) throw error;
    // It answered twice: what it cannot say now takes nothing back.
    return second;
  });
  const confirmed = learnMask([first, second, third]);
  return conclude(compareBehaviour(first, candidate, confirmed), confirmed);
}

function conclude({ compared, differences, blind }: BehaviourComparison, { places }: Mask): BehaviourCheck {
  const masked = [...new Set(places.map(describeMasked))];
  const result: BehaviourResult = {
    status: differences.length > 0 ? 'changed' : 'equal',
    compared,
    masked: masked.slice(0, KEPT_MASKED),
    differing: differences.length,
    differences: firstOfEachField(differences)
      .slice(0, KEPT_DIFFERENCES)
      .map(({ of, where, baseline, candidate, apart }) => ({ of, where, baseline, candidate, apart })),
  };
  if (blind && differences.length === 0) {
    const { warnings } = notChecked(
      'everything that was asked for differs between two runs of the baseline itself',
    );
    return { behaviour: { ...result, status: 'not_checked' }, warnings };
  }
  return { behaviour: result, warnings: masked.length === 0 ? [] : [WARNINGS.behaviour_masked(masked)] };
}

function isOfTarget(error: unknown): error is DeepOptimizeError {
  return error instanceof DeepOptimizeError && error.kind === 'target';
}

function notChecked(why: string): BehaviourCheck {
  return { behaviour: BEHAVIOUR_NOT_CHECKED, warnings: [WARNINGS.behaviour_not_checked(why)] };
}
