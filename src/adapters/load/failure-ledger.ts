import type { FailedRequest } from '../../core/ports/load.ts';

/** Characters of an offending body that are kept as the example. */
const EXAMPLE_LENGTH = 200;

/** Kinds of failure that are told apart; what comes after is counted under one reason. */
const MAX_KINDS = 50;

export interface FailureLedger {
  add(request: string, reason: string, example?: string): void;
  total(): number;
  /** Most frequent first. */
  list(): readonly FailedRequest[];
}

/** Counts failures by request and reason, with the first example of each. */
export function createFailureLedger(): FailureLedger {
  const kinds = new Map<string, { request: string; reason: string; count: number; example?: string }>();
  let total = 0;
  return {
    add(request, reason, example) {
      total += 1;
      let key = JSON.stringify([request, reason]);
      let stored = reason;
      if (!kinds.has(key) && kinds.size >= MAX_KINDS) {
        stored = 'other reasons';
        key = JSON.stringify([request, stored]);
      }
      const kind = kinds.get(key);
      if (kind === undefined) {
        const start = example === undefined ? {} : { example: example.slice(0, EXAMPLE_LENGTH) };
        kinds.set(key, { request, reason: stored, count: 1, ...start });
      } else {
        kind.count += 1;
      }
    },
    total: () => total,
    list: () => [...kinds.values()].sort((a, b) => b.count - a.count),
  };
}
