import type { DatabaseActivity } from '../ports/databases.ts';
import type { Statement, Trace } from '../trace/model.ts';
import { nameStatements } from './to-facts.ts';

/**
 * What was seen of the sessions while the trace was taken: the loads around it are heavier, and their locks another matter.
 * All of it where the trace doesn't know when it began.
 */
export function activityDuring(activity: DatabaseActivity, trace: Trace): DatabaseActivity {
  const { beganAtMs } = trace;
  if (beganAtMs === undefined) return activity;
  const endedAtMs = beganAtMs + durationMs(trace);
  const cut = (times: readonly number[]) => times.filter((at) => at >= beganAtMs && at <= endedAtMs);
  return {
    ...activity,
    pollsAtMs: cut(activity.pollsAtMs),
    activeAtMs: cut(activity.activeAtMs),
    waits: activity.waits
      .map((wait) => ({ ...wait, seenAtMs: cut(wait.seenAtMs) }))
      .filter(({ seenAtMs }) => seenAtMs.length > 0),
  };
}

/** Looks at the sessions: fewer say nothing of where a tenth of the time of a trace went. */
const FEWEST_POLLS = 20;

/**
 * The trace, with what of the time of its statements was waiting for a lock. Polls are even in time: each session that one
 * of them met waiting stands for the time until the next. Unchanged where that is not known: nobody looked, or the role may
 * not see what sessions run.
 *
 * @param activity while the trace was taken
 */
export function withLockShares(trace: Trace, activity: DatabaseActivity | undefined): Trace {
  if (activity === undefined || activity.hidden || trace.beganAtMs === undefined) return trace;
  const { pollsAtMs, waits } = activity;
  if (pollsAtMs.length < FEWEST_POLLS) return trace;
  const everyMs = durationMs(trace) / pollsAtMs.length;
  const name = nameStatements(trace, 'postgres');
  const lockedMs = new Map<string, number>();
  for (const { query, seenAtMs } of waits) {
    const { fingerprint } = name(query);
    const ms = seenAtMs.length * everyMs;
    lockedMs.set(fingerprint, (lockedMs.get(fingerprint) ?? 0) + ms);
  }
  const ranMs = sumDurations(trace);
  return {
    ...trace,
    statements: trace.statements.map((statement, index): Statement => {
      const ran = ranMs.get(index) ?? 0;
      if (statement.engine !== 'postgres' || ran <= 0) return statement;
      return { ...statement, lockShare: Math.min(1, (lockedMs.get(statement.fingerprint) ?? 0) / ran) };
    }),
  };
}

function durationMs({ spans }: Trace): number {
  return spans.reduce((end, { endUs = 0 }) => Math.max(end, endUs), 0) / 1000;
}

/** By statement, over all its executions. */
function sumDurations({ spans }: Trace): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { statement, startUs, endUs = startUs } of spans) {
    if (statement === undefined) continue;
    sums.set(statement, (sums.get(statement) ?? 0) + (endUs - startUs) / 1000);
  }
  return sums;
}
