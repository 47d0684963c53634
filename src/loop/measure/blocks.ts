import { TargetError } from '../../core/errors.ts';
import type { Sample } from '../../core/model/measurement.ts';
import { seededRandom } from '../../core/random.ts';
import type { ProcessSample } from '../kinds/measurer.ts';

/** Runs one fresh process of a side. `seed` is the same for both sides of a block, so that they see the same requests. */
export type Side = (seed: number) => Promise<ProcessSample>;

export interface Block {
  readonly index: number;
  readonly a: Sample;
  readonly b: Sample;
}

export interface BlockPlan {
  readonly sides: { readonly a: Side; readonly b: Side };
  readonly seed: number;
  readonly maxBlocks: number;
  readonly signal: AbortSignal;
  /** After each block: whether to go on. */
  readonly afterBlock: (blocks: readonly Block[], dropped: readonly string[]) => 'continue' | 'stop';
  readonly onSample?: (done: number) => void;
}

export interface BlocksResult {
  readonly blocks: readonly Block[];
  /** Why blocks were dropped: a crashed process drops its whole block, and is reported. */
  readonly dropped: readonly string[];
}

/** This many failures in a row are not noise. */
const MAX_FAILURES_IN_A_ROW = 2;

/**
 * The design behind every number: a block holds one fresh process of A and one of B, in an order that a coin from a
 * recorded seed decides. That coin is what lets the error rate be promised, whatever the noise is (docs/method.md).
 */
export async function runBlocks(plan: BlockPlan): Promise<BlocksResult> {
  const random = seededRandom(plan.seed);
  const blocks: Block[] = [];
  const dropped: string[] = [];
  let failuresInARow = 0;
  for (let index = 0; blocks.length < plan.maxBlocks; index++) {
    const order: readonly ('a' | 'b')[] = random.coin() === 0 ? ['a', 'b'] : ['b', 'a'];
    const blockSeed = random.int(2 ** 31);
    const samples: Partial<Record<'a' | 'b', Sample>> = {};
    try {
      for (const [position, side] of order.entries()) {
        const { openWindows: _windows, ...sample } = await plan.sides[side](blockSeed);
        samples[side] = { ...sample, side, block: index, position: position === 0 ? 0 : 1 };
        plan.onSample?.(blocks.length * 2 + position + 1);
      }
      failuresInARow = 0;
    } catch (error) {
      if (
        plan.signal.aborted ||
        !(error instanceof TargetError) ||
        ++failuresInARow >= MAX_FAILURES_IN_A_ROW ||
        blocks.length === 0
      ) {
        throw error;
      }
      dropped.push(error.message);
      continue;
    }
    if (samples.a && samples.b) blocks.push({ index, a: samples.a, b: samples.b });
    if (plan.afterBlock(blocks, dropped) === 'stop') break;
  }
  return { blocks, dropped };
}
