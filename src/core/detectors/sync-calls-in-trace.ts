import type { Detector, Finding } from './detector.ts';
import { describeWait } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { seeHoldingCalls } from './holding-calls.ts';
import type { HoldingCalls } from './holding-calls.ts';
import { countText, fromPlace, hasEnoughRequests, msText } from './waiting.ts';

/** What one kind of call that holds the thread is called in a trace. */
export interface SyncPattern {
  /** Of the function, as "fs.readFileSync". */
  readonly name: RegExp;
  /** What strategies match on. */
  readonly signalOf: (name: string) => string;
}

/**
 * A profile knows how much CPU goes to such calls under which function; a trace knows where they are made, how often in a
 * request, and how long they hold the thread when they wait for a disk. Where both saw the same place, the finding of
 * the profile gets what the trace adds; what only the trace saw gets a finding of its own.
 */
export function withSyncCallsOfTrace(detector: Detector, pattern: SyncPattern): Detector {
  return {
    ...detector,
    detect(input) {
      const byProfile = detector.detect(input);
      const { trace, metrics } = input;
      if (!hasEnoughRequests(trace)) return byProfile;
      const seen = seeHoldingCalls(trace, pattern.name);
      const matched = new Set<HoldingCalls>();
      const enriched = byProfile.map((finding) => {
        const same = seen.filter((calls) => isSamePlace(finding, calls));
        for (const calls of same) matched.add(calls);
        return same.length === 0 ? finding : enrich(finding, same);
      });
      const others = seen.filter((calls) => !matched.has(calls));
      const words = { id: detector.id, ...WORDS };
      return [
        ...enriched,
        ...others.flatMap((calls) => describeWait(words, { trace, metrics }, toWait(pattern, calls)) ?? []),
      ];
    },
  };
}

/** The profile names a function that the call stands in, or that called the one it stands in. */
function isSamePlace({ location }: Finding, { location: site, callers }: HoldingCalls): boolean {
  if (location.function === undefined || site.function === undefined) return false;
  return location.function === site.function
    ? location.file === site.file
    : callers.some((caller) => caller.startsWith(location.function ?? ' '));
}

function enrich(finding: Finding, seen: readonly HoldingCalls[]): Finding {
  const where = seen.map(
    ({ names: [name = ''], location, perRequest, heldUs }) =>
      `${name}${fromPlace(location)}: ${countText(perRequest)} times per request, ${msText(heldUs)} each`,
  );
  return {
    ...finding,
    signals: [
      ...new Set([
        ...finding.signals,
        ...seen.flatMap(({ names, location, perRequest }) => [
          ...names.map((name) => `calls:${name}`),
          `per-request:${countText(perRequest)}`,
          ...(location.file === undefined ? [] : [`call-site:${location.file}:${location.line ?? 0}`]),
        ]),
      ]),
    ],
    confidence: {
      // That it is this call is no longer read from a name or a text: it was seen.
      level: finding.confidence.level === 'low' ? 'medium' : 'high',
      reason: `${finding.confidence.reason}; the trace saw the calls`,
    },
    detail: [finding.detail, ...where].filter((line) => line !== undefined).join('\n'),
  };
}

const WORDS = {
  layer: 'architecture',
  confirm:
    'Replace the call by its asynchronous form, or its result by one that was kept: event-loop delay and tail latency must fall.',
} as const;

function toWait({ signalOf }: SyncPattern, seen: HoldingCalls): Wait {
  const { names, heaviest, lost, perRequest, heldUs } = seen;
  const [name = ''] = names;
  return {
    lost,
    calls: heaviest,
    tell: ({ share, location, from }) => ({
      title: `${names.slice(0, 3).join(', ')}${from} ${names.length > 1 ? 'hold' : 'holds'} the thread for ${percent(share.value)} of the ${share.of}`,
      most: 'high',
      reason: `the calls were timed: ${name} ${countText(perRequest)} times per request, ${msText(heldUs)} each (median)`,
      signals: [
        signalOf(name),
        ...names.map((one) => `calls:${one}`),
        `per-request:${countText(perRequest)}`,
        ...(location.package === undefined ? [] : [`package:${location.package}`]),
      ],
      detail:
        'While it runs, every other request waits too; the share counts only the request that made the call.',
    }),
  };
}
