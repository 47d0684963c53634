import { isDecided, type ComparisonPlan } from '../../core/experiment/comparisons.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { LOOKS, maximumBlocks } from '../../core/stats/looks.ts';
import { runBlocks, type Block, type BlocksResult } from '../measure/blocks.ts';
import type { RunHandle } from '../runs.ts';
import { toFailure } from './failures.ts';
import type { Draft, Sides } from './request.ts';
import { sideOfDraft } from './side-of-draft.ts';

export interface PairsPlan {
  readonly comparison: ComparisonPlan;
  readonly sides: Sides;
  readonly seed: number;
  /** Of the whole run's progress. */
  readonly from: number;
  readonly to: number;
  readonly doing: string;
}

/** Blocks of fresh processes until the looks decide. */
export async function measurePairs(
  ports: Ports,
  project: Project,
  draft: Draft,
  { comparison, sides, seed, from, to, doing }: PairsPlan,
  run: RunHandle,
): Promise<BlocksResult> {
  const { effort } = draft.request;
  const most = maximumBlocks(effort);
  const startedMs = ports.clock.monotonicMs();
  const sideOf = (slot: 'a' | 'b') => {
    const side = sideOfDraft(ports, project, draft, sides[slot], run);
    return async (blockSeed: number) => {
      failing = slot;
      return await side(blockSeed);
    };
  };
  let failing: 'a' | 'b' = 'a';
  let blocksDone: readonly Block[] = [];
  const measured = runBlocks({
    sides: { a: sideOf('a'), b: sideOf('b') },
    seed,
    maxBlocks: most,
    signal: run.signal,
    afterBlock: (blocks) => {
      blocksDone = blocks;
      return isDecided(blocks, comparison) ? 'stop' : 'continue';
    },
    onSample: (done) => {
      const next = LOOKS[effort].find((look) => look * 2 >= done) ?? most;
      const perSample = (ports.clock.monotonicMs() - startedMs) / 1000 / done;
      run.report({
        fraction: from + (to - from) * (done / (most * 2)),
        message: `${doing}block ${Math.ceil(done / 2)} of at most ${most}; first possible decision after ${next}`,
        etaS: perSample * (next * 2 - done),
        partial: { blocks: blocksDone.length },
      });
    },
  });
  return await measured.catch((error: unknown) => {
    // The one that ran last: a block that fails is given up at once.
    const side = failing === 'a' ? 'baseline' : 'candidate';
    throw toFailure(side, error, blocksDone);
  });
}
