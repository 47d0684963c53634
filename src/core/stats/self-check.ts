import type { SelfCheck } from '../model/measurement.ts';
import type { Random } from '../random.ts';
import { estimateShift } from './hodges-lehmann.ts';
import { changeInterval, changeOf, type Comparing } from './paired-differences.ts';
import { criticalValue } from './signed-rank.ts';
import { diagnoseStability, differencesOf, type PairedBlock, type Stability } from './stability.ts';

/** An A/A check without the metric's name, which the caller knows. */
export interface SelfCheckResult extends Omit<SelfCheck, 'metric'> {
  readonly estimate: number | null;
  readonly stability: Stability;
}

/** With 8 blocks the 99 % interval is the range of the differences; with fewer there is none. */
const MINIMUM_BLOCKS = 8;
/** A check that runs with every baseline may not raise a false alarm in one of twenty. */
const ALPHA = 0.01;

/**
 * A measured against its own copy through the same path as a candidate. A difference that isn't there but is
 * measured is a bias of the harness, and every verdict would carry it. `delta` as in `diagnoseStability`.
 */
export function checkSelf(
  blocks: readonly PairedBlock[],
  comparing: Comparing,
  delta: number,
  random: Random,
): SelfCheckResult {
  const n = blocks.length;
  const critical = n < MINIMUM_BLOCKS ? null : criticalValue(n, ALPHA);
  const { estimate, interval } = estimateShift(differencesOf(blocks, comparing), critical);
  const status =
    interval === null ? 'too_few_blocks' : interval[0] > 0 || interval[1] < 0 ? 'failed' : 'passed';
  return {
    status,
    blocks: n,
    interval: interval && changeInterval(interval, comparing),
    estimate: estimate === null ? null : changeOf(estimate, comparing),
    text: describe(status, n),
    stability: diagnoseStability(blocks, comparing, delta, random),
  };
}

function describe(status: SelfCheck['status'], n: number): string {
  switch (status) {
    case 'passed':
      return `The baseline and its own copy do not differ in ${n} blocks (the 99 % interval includes 0).`;
    case 'failed':
      return `The baseline differs from its own copy in ${n} blocks (the 99 % interval excludes 0): the setup favours one side, so no comparison can be trusted.`;
    case 'too_few_blocks':
      return `${n} blocks are too few to check the baseline against its own copy; it takes ${MINIMUM_BLOCKS}.`;
  }
}
