import type { Layer } from '../model/evidence.ts';
import type { TraceAnalysis } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { computeWaitingCeilings } from './ceiling.ts';
import type { ShareWithInterval } from './ceiling.ts';
import { SHARE_UNDER_FULL_LOAD } from './detector.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import type { Confidence } from './finding.ts';
import { asksForCapacity, isWorthWaiting, ratioOf, shareOfRequests } from './share-of-requests.ts';
import type { LostTime } from './share-of-requests.ts';
import { fromPlace, hasEnoughRequests, judgeTrace, locateCalls } from './waiting.ts';

/** Time that requests lose to some calls, as one detector sees it. */
export interface Wait {
  readonly lost: LostTime;
  /** The calls that it is about: the first with a known place in the project's code says where. */
  readonly calls: readonly Span[];
  /** What could be won, where that is not the time lost itself. */
  readonly wouldGain?: LostTime;
  /** Asked for where it is worth a finding. */
  readonly tell: (seen: WaitSeen) => WaitWords;
}

export interface WaitSeen {
  readonly share: Finding['share'];
  readonly location: Finding['location'];
  /** " from authorOf (src/feed.js:3)", or nothing. */
  readonly from: string;
}

export interface WaitWords {
  readonly title: string;
  readonly layer?: Layer;
  /** The confidence that a perfect trace would give. */
  readonly most: Confidence['level'];
  readonly reason: string;
  readonly signals: readonly string[];
  readonly detail: string;
  readonly confirm?: string;
}

/** What distinguishes detectors of what requests wait for. */
export interface WaitPattern extends Pick<Detector, 'id' | 'title'> {
  /** Default: `wait`. */
  readonly names?: Detector['names'];
  readonly layer: Layer;
  readonly confirm: string;
  /** Of the time of the requests. */
  readonly threshold?: number;
  /** It looks for a queue that may show only when as much is asked for at once as the workload allows. */
  readonly ofCrowds?: 'always' | 'for-capacity';
  /** @param calm the trace at a bearable rate: how long calls take when nothing is in their way */
  readonly find: (trace: TraceAnalysis, calm: TraceAnalysis) => readonly (Wait | null)[];
}

export function detectWaits(pattern: WaitPattern): Detector {
  return {
    id: pattern.id,
    title: pattern.title,
    names: pattern.names ?? 'wait',
    detect({ trace: calm, crowded, metrics }) {
      if (!hasEnoughRequests(calm)) return [];
      const describeAll = (look: Look) =>
        pattern
          .find(look.trace, calm)
          .flatMap((wait) => (wait === null ? [] : (describeWait(pattern, look, wait) ?? [])));
      const found = describeAll({ trace: calm, metrics });
      const { ofCrowds } = pattern;
      const looksFurther =
        found.length === 0 &&
        (ofCrowds === 'always' || (ofCrowds === 'for-capacity' && asksForCapacity(metrics)));
      if (!looksFurther || !hasEnoughRequests(crowded)) return found;
      return describeAll({ trace: crowded, metrics, isCrowd: true });
    },
  };
}

interface Look {
  readonly trace: TraceAnalysis;
  /** What objectives ask about. */
  readonly metrics: DetectorInput['metrics'];
  /** Latencies are of the usual load, which the requests of a crowd say nothing of. */
  readonly isCrowd?: boolean;
}

/** The finding that a wait makes; undefined where it is too little to talk about. */
export function describeWait(
  pattern: Pick<WaitPattern, 'id' | 'layer' | 'threshold' | 'confirm'>,
  { trace, metrics, isCrowd = false }: Look,
  wait: Wait,
): Finding | undefined {
  const ofTime = shareOfRequests(trace, wait.lost, isCrowd ? [] : metrics);
  const share = isCrowd ? { ...ofTime, of: SHARE_UNDER_FULL_LOAD } : ofTime;
  if (!isWorthWaiting(share, pattern.threshold)) return undefined;
  const location = locateCalls(trace, wait.calls);
  const words = wait.tell({ share, location, from: fromPlace(location) });
  const whole = shareOfRequests(trace, wait.lost, []);
  const gained = wait.wouldGain ?? wait.lost;
  const shareAt = (percentile?: number): ShareWithInterval | undefined => {
    if (percentile === undefined) return ratioOf(trace.requests, gained);
    return isCrowd ? undefined : ratioOf(trace.at(percentile), gained);
  };
  return {
    kind: pattern.id,
    title: words.title,
    layer: words.layer ?? pattern.layer,
    location,
    share,
    ceilings: [...computeWaitingCeilings(shareAt, metrics)],
    // Where all requests together show it, it doesn't rest on those that show it best.
    confidence: judgeTrace(trace, isWorthWaiting(whole, pattern.threshold) ? whole.n : share.n, words),
    signals: [...words.signals],
    detail: [words.detail, ...tellWhole(share, whole)].join('\n'),
    confirm: words.confirm ?? pattern.confirm,
  };
}

/** Of a share that is of some requests only: what it is of all of them. */
function tellWhole({ n }: Finding['share'], whole: Finding['share']): readonly string[] {
  return n === whole.n ? [] : [`of the time of all ${whole.n} requests it is ${percent(whole.value)}`];
}
