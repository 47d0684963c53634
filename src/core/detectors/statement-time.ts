import type { StatementShare } from '../database/model.ts';
import type { Ceiling, Location } from '../model/evidence.ts';
import { SHARE_OF_REQUEST_TIME, SHARE_THRESHOLD } from './detector.ts';
import type { DetectorInput, Finding } from './detector.ts';
import { locateCalls } from './waiting.ts';

/** Requests that a share of their time rests on, for it to be believed. */
export const MANY_REQUESTS = 50;

export function toShare({ value, interval, requests }: StatementShare): Finding['share'] {
  return { value, interval: [...interval], of: SHARE_OF_REQUEST_TIME, n: requests };
}

/** Over the threshold, and not by chance alone. */
export function takesTime(share: StatementShare | null): share is StatementShare {
  return share !== null && share.value >= SHARE_THRESHOLD && share.interval[0] >= SHARE_THRESHOLD / 2;
}

/** If the waiting vanished, the median request would be shorter by its share: requests were traced under load, so a mean stands for it. */
export function waitingCeilings({ value, interval }: StatementShare): readonly Ceiling[] {
  return [
    {
      metric: 'latency_p50_ms',
      gain: value,
      interval: [...interval],
      assumes:
        'upper bound: the time of the statement vanishes from the requests that wait for it one after another',
    },
  ];
}

/** Where the program asks for it, as far as the trace knows. */
export function locateStatement(
  { trace }: DetectorInput,
  { fingerprint, text }: { readonly fingerprint: string; readonly text: string },
): Location {
  const calls =
    trace?.trace.spans.filter((span) => trace.statementOf(span)?.fingerprint === fingerprint) ?? [];
  return {
    ...(trace === undefined ? {} : locateCalls(trace, calls)),
    statement: text,
    fingerprint,
  };
}
