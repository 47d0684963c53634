import { DeepOptimizeError } from '../../core/errors.ts';
import type { ExperimentFailure } from '../../core/model/experiment.ts';
import type { Judgement } from '../../core/experiment/comparisons.ts';
import type { Block } from '../measure/blocks.ts';

type Side = ExperimentFailure['side'];

/** What of a failed program's output is kept with the experiment, in characters: the end says what failed. */
const TAIL_CHARACTERS = 2000;

/** A program failed, and it is known whose. */
export class SideFailure extends Error {
  readonly side: Side;
  readonly failure: DeepOptimizeError;
  /** Measured before it. */
  readonly blocks: readonly Block[];

  constructor(side: Side, failure: DeepOptimizeError, blocks: readonly Block[] = []) {
    super(failure.message, { cause: failure });
    this.name = 'SideFailure';
    this.side = side;
    this.failure = failure;
    this.blocks = blocks;
  }
}

/**
 * Whether an error says something of the program of that side. Both sides run the same workload: an input that only the
 * candidate does not take is its fault too.
 */
export function isFaultOf(side: Side, error: unknown): error is DeepOptimizeError {
  return (
    error instanceof DeepOptimizeError &&
    (error.kind === 'target' || (error.kind === 'input' && side === 'candidate'))
  );
}

/** Says whose program it was that failed. */
export async function onSide<T>(side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFaultOf(side, error) ? new SideFailure(side, error) : error;
  }
}

/** A candidate that does not build or run is a result; a baseline that does not says nothing of the candidate. */
export function judgeFailure({ side, failure }: SideFailure): Judgement & {
  readonly failure: ExperimentFailure;
} {
  const { code, message, fix, output } = failure;
  return {
    verdict: 'invalid',
    reason: `the ${side} could not be run: ${message.replace(/\.$/, '')}`,
    failure: {
      side,
      code,
      message,
      fix,
      ...(output === undefined ? {} : { output_tail: output.slice(-TAIL_CHARACTERS) }),
    },
  };
}
