import { DeepOptimizeError } from '../../core/errors.ts';
import { toFullDisk } from '../../core/write-failure.ts';
import type { ExperimentFailure } from '../../core/model/experiment.ts';
import type { Judgement } from '../../core/experiment/comparisons.ts';
import type { Block } from '../measure/blocks.ts';

type Fault = ExperimentFailure['side'];
type Side = Exclude<Fault, 'machine'>;

/** What of a failed program's output is kept with the experiment, in characters: the end says what failed. */
const TAIL_CHARACTERS = 2000;

/** Something failed, and it is known whether a program or the machine is to blame. */
export class SideFailure extends Error {
  readonly side: Fault;
  readonly failure: DeepOptimizeError;
  /** Measured before it. */
  readonly blocks: readonly Block[];

  constructor(side: Fault, failure: DeepOptimizeError, blocks: readonly Block[] = []) {
    super(failure.message, { cause: failure });
    this.name = 'SideFailure';
    this.side = side;
    this.failure = failure;
    this.blocks = blocks;
  }
}

/**
 * An error that came while a side ran, as what it says of the experiment, with what was measured before it. Both sides run the
 * same workload: an input that only the candidate does not take is its fault.
 */
export function toFailure(side: Side, error: unknown, blocks: readonly Block[] = []): unknown {
  const reason = toFullDisk(error);
  const isOfSide =
    reason instanceof DeepOptimizeError &&
    (reason.kind === 'target' || (reason.kind === 'input' && side === 'candidate'));
  return isOfSide ? new SideFailure(side, reason, blocks) : toMachineFailure(reason, blocks);
}

/**
 * A full disk or a snapshot that is gone is no side's fault, and what was asked and how far it came is kept all the same. Errors
 * that say nothing of the experiment (a defect of ours, a wrong call) stay as they are.
 */
export function toMachineFailure(error: unknown, blocks: readonly Block[] = []): unknown {
  if (error instanceof SideFailure)
    return error.blocks.length >= blocks.length ? error : new SideFailure(error.side, error.failure, blocks);
  return error instanceof DeepOptimizeError && error.kind === 'environment'
    ? new SideFailure('machine', error, blocks)
    : error;
}

/** Says whose program it was that failed. */
export async function onSide<T>(side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(side, error);
  }
}

/** A candidate that does not build or run is a result; a baseline or a machine that fails says nothing of the candidate. */
export function judgeFailure({ side, failure }: SideFailure): Judgement & {
  readonly failure: ExperimentFailure;
} {
  const { code, message, fix, output } = failure;
  const what =
    side === 'machine' ? 'the comparison could not be carried out' : `the ${side} could not be run`;
  return {
    verdict: 'invalid',
    reason: `${what}: ${message.replace(/\.$/, '')}`,
    failure: {
      side,
      code,
      message,
      fix,
      ...(output === undefined ? {} : { output_tail: output.slice(-TAIL_CHARACTERS) }),
    },
  };
}
