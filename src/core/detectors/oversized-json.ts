import type { TraceAnalysis } from '../trace/analyze.ts';
import { callsOf, median } from './call-groups.ts';
import type { Detector } from './detector.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { seeHoldingCalls } from './holding-calls.ts';
import type { HoldingCalls } from './holding-calls.ts';
import { jsonHotPath } from './json-hot-path.ts';

/**
 * Of JSON text that is written or read for one request, in characters. Half a millisecond or so of the thread (JSON.stringify
 * of records makes about 200 characters a microsecond); an answer of that size is more than anybody reads.
 */
const OVERSIZED = 100_000;
/** How many times as much as the answer has; then most of it was not for the answer. */
const MORE_THAN_SENT = 4;

const inTrace = detectWaits({
  id: 'oversized-json',
  title: 'Large JSON written or read for a request',
  names: 'work',
  layer: 'algorithm',
  confirm:
    'Count what of the text is used: send, keep or copy that alone, or keep the text; the time must fall with its size, with equal answers.',
  find: (trace) => seeHoldingCalls(trace, /^JSON\./).map((seen) => findOversized(trace, seen)),
});

/** JSON.stringify and JSON.parse of much text while a request waits: the size is the cause, the hot function follows from it. */
export const oversizedJson: Detector = {
  ...inTrace,
  // Of busy time it is what the profile says of JSON at that place.
  ...(jsonHotPath.measureAt === undefined ? {} : { measureAt: jsonHotPath.measureAt }),
};

function findOversized(
  trace: TraceAnalysis,
  { names, heaviest, byRequest, lost }: HoldingCalls,
): Wait | null {
  const characters = median(
    [...byRequest.values()].map((calls) => calls.reduce((sum, { span }) => sum + (span.bytes ?? 0), 0)),
  );
  if (characters < OVERSIZED) return null;
  return {
    lost,
    calls: heaviest,
    tell: ({ share, from }) => {
      const requests = [...byRequest.keys()];
      const routes = [...new Set(requests.map(({ span }) => span.name))].slice(0, 3);
      const sent = median(requests.flatMap(({ span }) => span.bytes ?? []));
      const isMore = sent > 0 && characters >= MORE_THAN_SENT * sent;
      const calls = callsOf(byRequest).length / byRequest.size;
      return {
        title: `${names.join(' and ')}${from} of ${sizeText(characters)} for a request ${names.length === 1 ? 'holds' : 'hold'} the thread for ${percent(share.value)} of the ${share.of}`,
        most: 'high',
        reason: `the calls were timed and their texts counted in ${byRequest.size} requests`,
        signals: [
          'json',
          'oversized',
          `characters:${Math.round(characters)}`,
          ...(isMore ? ['more-than-sent'] : []),
          ...names.map((name) => `calls:${name}`),
          ...routes.map((route) => `route:${route}`),
        ],
        detail: [
          `${calls.toFixed(1)} large texts for a request of ${routes.join(', ')}`,
          ...(sent > 0 ? [`the answer itself has ${sizeText(sent)}`] : []),
          `${percent(byRequest.size / trace.requests.length)} of the requests do it`,
        ].join('; '),
      };
    },
  };
}

/** "812 kB": of texts that are nearly all ASCII a character is a byte. */
function sizeText(characters: number): string {
  return characters >= 1e6 ? `${(characters / 1e6).toFixed(1)} MB` : `${Math.round(characters / 1000)} kB`;
}
