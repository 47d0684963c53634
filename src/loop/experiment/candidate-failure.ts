import { DeepOptimizeError } from '../../core/errors.ts';
import type { BehaviourResult } from '../../core/model/experiment.ts';
import type { Side } from '../measure/blocks.ts';

export type CandidateFailure = NonNullable<BehaviourResult['failure']>;

/** What of a program's output is kept with the experiment, in characters: the end says what failed. */
const TAIL_CHARACTERS = 2000;

/** Errors that came out of the candidate, and are a finding about it: the run itself did what it should. */
const ofCandidate = new WeakSet<Error>();

/** Runs something that only the candidate's code is in. Both sides run the same workload: what only one does not take is its own. */
export async function blameCandidate<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DeepOptimizeError && (error.kind === 'target' || error.kind === 'input'))
      ofCandidate.add(error);
    throw error;
  }
}

export function candidateSide(side: Side): Side {
  return (seed) => blameCandidate(() => side(seed));
}

/** Undefined for every other error. */
export function failureOfCandidate(error: unknown): CandidateFailure | undefined {
  if (!(error instanceof DeepOptimizeError) || !ofCandidate.has(error)) return undefined;
  const { code, message, output = '' } = error;
  return { code, message, output_tail: output.slice(-TAIL_CHARACTERS) };
}
