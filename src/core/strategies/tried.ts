import type { Bottleneck } from '../model/evidence.ts';
import type { Strategy } from '../model/strategy.ts';
import type { ExperimentRow } from '../ports/store.ts';

/** What was done before, as far as proposing needs it. */
export interface History {
  readonly experiments: readonly ExperimentRow[];
  /** Bottlenecks of earlier runs by id, so that the same place is recognised under its new id. */
  readonly pastBottlenecks?: ReadonlyMap<string, Bottleneck>;
}

/** Stable, so that an experiment can name it later. */
export function strategyId(bottleneckId: string, key: string): string {
  return `${bottleneckId}--${key}`;
}

/** Experiments with the same strategy on the same bottleneck, or on the same place in an earlier run. */
export function findTried(bottleneck: Bottleneck, key: string, history: History): Strategy['tried'] {
  return history.experiments.filter((row) => isSame(bottleneck, key, row, history)).map(toTried);
}

/**
 * Experiments whose hypothesis says nearly what a title says: at least 60 % of all their words in common (Jaccard).
 * Agents word the same idea differently each time; less than that would link unrelated ideas about one function.
 */
export function findTriedByTitle(workload: string, title: string, history: History): Strategy['tried'] {
  const words = wordsOf(title);
  return history.experiments
    .filter((row) => row.workload === workload && row.hypothesis !== null)
    .filter((row) => similarity(words, wordsOf(row.hypothesis ?? '')) >= 0.6)
    .map(toTried);
}

function toTried({ id, verdict, decision }: ExperimentRow): Strategy['tried'][number] {
  return { experiment_id: id, verdict, decision };
}

function isSame(
  bottleneck: Bottleneck,
  key: string,
  { strategy_id: tried, workload }: ExperimentRow,
  { pastBottlenecks }: History,
): boolean {
  if (tried === null || workload !== bottleneck.workload) return false;
  if (tried === strategyId(bottleneck.id, key)) return true;
  const at = tried.lastIndexOf('--');
  if (at < 0 || tried.slice(at + 2) !== key) return false;
  const past = pastBottlenecks?.get(tried.slice(0, at));
  return (
    past?.kind === bottleneck.kind &&
    past.location.function === bottleneck.location.function &&
    past.location.file === bottleneck.location.file &&
    past.location.fingerprint === bottleneck.location.fingerprint &&
    past.location.url === bottleneck.location.url
  );
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []);
}

function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - common;
  return all === 0 ? 0 : common / all;
}
