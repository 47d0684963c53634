import type { DatabaseFacts, LockWait } from '../database/model.ts';
import { wilsonInterval } from '../stats/proportion.ts';
import { SHARE_THRESHOLD } from './detector.ts';
import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { shortenStatement } from './shorten-statement.ts';
import { measureStatement, takesTime } from './statement-time.ts';
import type { StatementTime } from './statement-time.ts';

/** Polls of one wait: fewer may be two sessions that met by chance. */
const FEWEST_SAMPLES = 5;
const MANY_SAMPLES = 25;
const SHARE_OF_ACTIVE = 'samples in which a session was at work';

/** Sessions of the program wait for each other's locks; the transaction in the way is named, since its current statement is just its last. */
export const lockContention: Detector = {
  id: 'lock-contention',
  title: 'Lock contention',
  names: 'wait',
  detect(input) {
    const { database } = input;
    if (database === undefined) return [];
    // One statement that waits for a row and for its tuple is one place.
    const byStatement = new Map<string, LockWait[]>();
    for (const wait of database.locks) {
      const waits = byStatement.get(wait.waiting.fingerprint) ?? [];
      waits.push(wait);
      byStatement.set(wait.waiting.fingerprint, waits);
    }
    return [...byStatement.values()].flatMap((waits) => {
      const [wait] = waits;
      if (wait === undefined) return [];
      const samples = waits.reduce((sum, one) => sum + one.samples, 0);
      const shareOfActive = Math.min(
        1,
        waits.reduce((sum, one) => sum + one.shareOfActive, 0),
      );
      if (samples < FEWEST_SAMPLES || shareOfActive < SHARE_THRESHOLD) return [];
      const time = measureStatement(
        input,
        { ...wait.waiting, share: wait.share },
        ({ lockShare = 1 }) => lockShare,
      );
      if (time !== null && !takesTime(time)) return [];
      const all = { ...wait, samples, shareOfActive, blockers: waits.flatMap((one) => one.blockers) };
      return [describe(database, all, time)];
    });
  },
};

function describe({ transactions }: DatabaseFacts, wait: LockWait, time: StatementTime | null): Finding {
  const { waiting, lock, relation, blockers, samples, shareOfActive } = wait;
  const place = relation === null ? lock : `${lock} of ${relation}`;
  const [blocker] = [...blockers].sort((a, b) => b.samples - a.samples);
  const idle = blockers.filter(({ state }) => state.startsWith('idle in transaction'));
  const isIdle = countSamples(idle) > countSamples(blockers) / 2;
  const longest = transactions.find(
    ({ lastStatement }) => lastStatement.fingerprint === blocker?.fingerprint,
  );
  const [low, high] = wilsonInterval({
    share: shareOfActive,
    n: Math.max(samples, Math.round(samples / shareOfActive)),
  }) ?? [0, 1];
  return {
    kind: lockContention.id,
    title: `Requests wait for each other's lock (${place}): ${shortenStatement(waiting.text)}`,
    layer: 'data-access',
    location: {
      ...(time?.location ?? { statement: waiting.text, fingerprint: waiting.fingerprint }),
      lock: place,
    },
    share: time?.share ?? { value: shareOfActive, interval: [low, high], of: SHARE_OF_ACTIVE, n: samples },
    ceilings: time?.ceilings ?? [],
    confidence: {
      level: samples >= MANY_SAMPLES ? 'high' : 'medium',
      reason: `seen waiting in ${samples} samples of pg_stat_activity, ${percent(shareOfActive)} of those with work going on`,
    },
    signals: [
      'database',
      'lock',
      `lock:${lock}`,
      ...(relation === null ? [] : [`table:${relation}`]),
      ...(isIdle ? ['idle-in-transaction', 'long-transaction'] : []),
    ],
    detail: [
      ...(blocker === undefined
        ? ['the sessions in the way were gone before they could be looked at']
        : [
            `in the way: a transaction that is ${blocker.state}, whose last statement is ${shortenStatement(blocker.text)} (${blocker.samples} samples)`,
          ]),
      ...(longest === undefined ? [] : [`it was seen open for ${Math.round(longest.longestMs)} ms`]),
      ...(isIdle ? ['the transaction in the way waits for the program, not for the database'] : []),
    ].join('\n'),
    confirm:
      'Move the statement that takes the lock to the end of its transaction, or take what needs no lock out of it, and look again: the waits must get shorter. If they stay, one row is written by too many requests.',
  };
}

function countSamples(seen: readonly { readonly samples: number }[]): number {
  return seen.reduce((sum, one) => sum + one.samples, 0);
}
