import { TargetError } from '../../core/errors.ts';
import type { ComparisonPlan, Judgement } from '../../core/experiment/comparisons.ts';
import { pairedBlocks } from '../../core/measurement/estimates.ts';
import { isCarriedByDisk, VOTES, type FirstProcesses } from '../../core/integrity/state-on-disk.ts';
import type { StateOnDisk } from '../../core/model/experiment.ts';
import { METRICS } from '../../core/model/metrics.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { seededRandom } from '../../core/random.ts';
import { median } from '../../core/stats/order-statistics.ts';
import { runBlocks, type Block } from '../measure/blocks.ts';
import type { RunHandle } from '../runs.ts';
import type { Draft, Sides } from './request.ts';
import { sideOfDraft } from './side-of-draft.ts';

/** Paths that are kept; the first ones say what it is. */
const KEPT_PATHS = 20;

/**
 * Does a gain come from what earlier processes left on disk? Both checkouts are put back to what `setup` left, and one process
 * of each side is compared with those that were timed. Only a gain is asked, and only where something was left at all.
 */
export async function checkStateOnDisk(
  ports: Ports,
  project: Project,
  draft: Draft,
  { primary }: ComparisonPlan,
  sides: Sides,
  blocks: readonly Block[],
  run: RunHandle,
): Promise<StateOnDisk> {
  const later = pairedBlocks(blocks, primary);
  const random = seededRandom(draft.seed ^ 0x2545f491);
  const left = await restoreBoth();
  const first: FirstProcesses[] = [];
  const votes = { carried: 0, own: 0 };
  while (left.length > 0 && votes.carried < VOTES.carried && votes.own < VOTES.own) {
    if (first.length > 0) await restoreBoth();
    run.report({ fraction: 0.985, message: 'looking whether the gain is kept on disk', etaS: null });
    const pair = await measureFirst();
    if (!pair) break;
    first.push(pair);
    votes[isCarriedByDisk(later, pair, primary) ? 'carried' : 'own']++;
  }
  return {
    metric: primary,
    carries_gain: votes.carried === VOTES.carried,
    left: left.slice(0, KEPT_PATHS),
    left_files: left.length,
    first,
    later: { baseline: median(later.map(({ a }) => a)), candidate: median(later.map(({ b }) => b)) },
  };

  async function restoreBoth(): Promise<readonly string[]> {
    await project.checkouts.restore({ runId: run.id, slot: 'a' });
    return await project.checkouts.restore({ runId: run.id, slot: 'b' });
  }

  async function measureFirst(): Promise<FirstProcesses | null> {
    const sideOf = (slot: 'a' | 'b') => sideOfDraft(ports, project, draft, sides[slot], run);
    const measured = await runBlocks({
      sides: { a: sideOf('a'), b: sideOf('b') },
      seed: random.int(2 ** 31),
      maxBlocks: 1,
      signal: run.signal,
      afterBlock: () => 'stop',
    }).catch((error: unknown) => {
      // It ran in all the blocks before: one process that fails now takes nothing back.
      if (run.signal.aborted || !(error instanceof TargetError)) throw error;
      return { blocks: [] };
    });
    const [pair] = pairedBlocks(measured.blocks, primary);
    return pair ? { baseline: pair.a, candidate: pair.b } : null;
  }
}

/** What a verdict becomes when the gain is not the program's. */
export function judgeStateOnDisk({ carries_gain, metric }: StateOnDisk): Judgement | null {
  return carries_gain
    ? {
        verdict: 'invalid',
        reason: `the gain of ${METRICS[metric].title} is kept on disk from one process to the next, and a first process does not have it`,
      }
    : null;
}
