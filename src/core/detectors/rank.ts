import { SHARE_OF_BUSY } from './detector.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { joinFindings } from './join.ts';
import type { Joined } from './join.ts';
import { isOfRequests, shareOfRequests } from './share-of-requests.ts';

/** How much a share counts by how well it is known; the steps are a judgement, not a measurement. */
const CONFIDENCE_WEIGHT = { high: 1, medium: 0.7, low: 0.35 } as const;

type Role = Detector['names'];

/** Of two findings about one place the more exact one stays; roles without a rank never give way, nor make way. */
const EXACTNESS: Readonly<Record<Role, number>> = {
  function: 1,
  line: 2,
  work: 3,
  wait: Number.NaN,
  process: Number.NaN,
  symptom: Number.NaN,
};

/** Makes shares of different bases comparable: what of the time of the requests each stands for, [0, 1]. */
export type Weigh = (finding: Finding) => number;

/**
 * Busy CPU time is all of a request in a service that waits for nothing, and a hundredth in one that waits for its
 * database. Its shares are weighed with what CPU, garbage collection and queueing make of the time of the requests;
 * queueing with them, because it shrinks as they do. Where objectives ask about a percentile of which those make more,
 * with that, as the shares of waits are. Without a trace, or when it doesn't know when threads ran, the part is not
 * known: then all that isn't explained may be CPU.
 */
export function weighWith({ trace, metrics }: Pick<DetectorInput, 'trace' | 'metrics'>): Weigh {
  if (trace === undefined || trace.requests.length === 0) return ({ share }) => share.value;
  const held = new Map(
    trace.requests.map((request) => {
      const { cpu, gc, queueing, other } = request.parts;
      return [request, cpu + gc + queueing + (trace.knowsRuns ? 0 : other)];
    }),
  );
  const busy = shareOfRequests(trace, held, metrics).value;
  return ({ share }) => {
    if (isOfRequests(share)) return share.value;
    // Of something else (memory, one core): it says nothing of time, and keeps its own measure.
    return share.value * (BUSY_TIMES.includes(share.of) ? busy : 1);
  };
}

/** What the runtime's counters of garbage collection are a share of. */
const SHARE_OF_WINDOW = 'time of the measured window';

const BUSY_TIMES: readonly string[] = [SHARE_OF_BUSY, SHARE_OF_WINDOW];

/**
 * Causes before symptoms, each by share times confidence; a cause counts as much as the heaviest finding that it explains.
 * A finding about a function goes when a more specific one names the same function and explains at least half of its
 * time; if it explains less, both stay, because the rest of the function has another remedy.
 */
export function rankFindings(
  findings: readonly Finding[],
  roles: ReadonlyMap<string, Role>,
  weigh: Weigh = ({ share }) => share.value,
): readonly Finding[] {
  const roleOf = ({ kind }: Finding): Role => roles.get(kind) ?? 'function';
  const kept = findings.filter(
    (finding) =>
      !findings.some(
        (other) =>
          EXACTNESS[roleOf(other)] > EXACTNESS[roleOf(finding)] &&
          isSamePlace(finding, other, roleOf(finding) === 'line' || roleOf(other) === 'line') &&
          weigh(other) >= 0.5 * weigh(finding),
      ),
  );
  const scoreOf = (finding: Finding) => weigh(finding) * CONFIDENCE_WEIGHT[finding.confidence.level];
  const scoreOfAll = ({ root, symptoms }: Joined) => Math.max(...[root, ...symptoms].map(scoreOf));
  return joinFindings(kept, { roleOf, weigh })
    .map((joined, order) => ({
      joined,
      order,
      score: scoreOfAll(joined),
      isSymptom: roleOf(joined.root) === 'symptom',
    }))
    .sort((a, b) => Number(a.isSymptom) - Number(b.isSymptom) || b.score - a.score || a.order - b.order)
    .map(({ joined }) => tellSymptoms(joined, roleOf));
}

/** With what it explains: the titles, what metrics could gain that only the symptom speaks of, and what calls for a remedy. */
function tellSymptoms({ root, symptoms }: Joined, roleOf: (finding: Finding) => Role): Finding {
  if (symptoms.length === 0) return root;
  const ofLoop = symptoms.filter((symptom) => roleOf(symptom) === 'symptom');
  const ceilings = new Map(
    [...ofLoop.flatMap((symptom) => symptom.ceilings), ...root.ceilings].map((ceiling) => [
      ceiling.metric,
      ceiling,
    ]),
  );
  return {
    ...root,
    symptoms: symptoms.map(({ title }) => title),
    signals: [...new Set([...root.signals, ...ofLoop.flatMap(({ signals }) => signals)])],
    ceilings: [...ceilings.values()],
  };
}

/** @param atAnyLine one of the two names a line, the other the function that it is in */
function isSamePlace(a: Finding, b: Finding, atAnyLine: boolean): boolean {
  return (
    a.location.function !== undefined &&
    a.location.function === b.location.function &&
    a.location.file === b.location.file &&
    (atAnyLine || a.location.line === b.location.line)
  );
}
