import { compareMetrics, type ComparisonPlan } from '../../core/experiment/comparisons.ts';
import { agrees } from '../../core/experiment/confirmation.ts';
import type { Comparison, Confirmation } from '../../core/model/experiment.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { seededRandom } from '../../core/random.ts';
import type { Block, BlocksResult } from '../measure/blocks.ts';
import type { RunHandle } from '../runs.ts';
import { measurePairs } from './measure-pairs.ts';
import type { Draft, Sides } from './request.ts';

export interface Confirmed {
  readonly confirmation: Confirmation;
  readonly fresh: Comparison | undefined;
  /** Numbered on from the first run's. */
  readonly blocks: readonly Block[];
  readonly dropped: BlocksResult['dropped'];
}

/** A second run of the primary metric alone, from its first look on, in other orders and on other requests. */
export async function confirmAfresh(
  ports: Ports,
  project: Project,
  draft: Draft,
  plan: ComparisonPlan,
  sides: Sides,
  firstBlock: number,
  run: RunHandle,
): Promise<Confirmed> {
  // Guardrails were judged in the first run; here they would only put off the first look.
  const comparison = { ...plan, guardrails: [] };
  // Of the recorded seed, so that the whole experiment is repeated by it.
  const seed = seededRandom(draft.seed ^ 0x5bd1e995).int(2 ** 31);
  const measured = await measurePairs(
    ports,
    project,
    draft,
    { comparison, sides, seed, from: 0.9, to: 0.98, doing: 'fresh run to confirm, ' },
    run,
  );
  const fresh = compareMetrics(measured.blocks, comparison).find(({ role }) => role === 'primary');
  const number = ({ index, a, b }: Block): Block => ({
    index: index + firstBlock,
    a: { ...a, block: index + firstBlock },
    b: { ...b, block: index + firstBlock },
  });
  return {
    fresh,
    blocks: measured.blocks.map(number),
    dropped: measured.dropped,
    confirmation: {
      seed,
      blocks: measured.blocks.length,
      first_block: firstBlock,
      agrees: agrees(fresh),
      primary: fresh ?? null,
    },
  };
}
