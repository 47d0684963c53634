import { isDatabaseClient } from './database-clients.ts';
import { coveredPlace } from './detect-charged-work.ts';
import type { Detector, Finding } from './detector.ts';
import { keepsThread } from './holds-thread.ts';

/** A cause with what it explains. */
export interface Joined {
  readonly root: Finding;
  /** Heaviest first. */
  readonly symptoms: readonly Finding[];
}

interface Facts {
  readonly roleOf: (finding: Finding) => Detector['names'];
  /** Share of the time of the requests that a finding stands for. */
  readonly weigh: (finding: Finding) => number;
}

/** Findings of these kinds explain findings of those, where the condition holds. */
interface JoinRule {
  readonly why: string;
  readonly roots: readonly string[];
  readonly symptoms: readonly string[];
  readonly when: (root: Finding, symptom: Finding, facts: Facts) => boolean;
}

/** Kinds of work that keeps the thread, by what their detectors say of themselves. */
const ANY_CPU = '(work or function)';

const TOO_MUCH_ASKED = ['n-plus-one-queries', 'over-fetching', 'duplicate-work'];
const HOLDS_CONNECTIONS = [
  'lock-contention',
  'slow-query-plan',
  'long-transaction',
  'n-plus-one-queries',
  'over-fetching',
];

/**
 * What leads to what. In order of precedence: a finding goes to the first rule that explains it, and there to the heaviest
 * cause. Each is a rule of thumb about programs in general, so the symptom's title stays visible under its cause.
 */
export const JOIN_RULES: readonly JoinRule[] = [
  {
    why: 'a detector that knows says so itself',
    roots: ['(any)'],
    symptoms: ['(any)'],
    when: (root, symptom) => root.signals.includes(`explains:${symptom.kind}`),
  },
  {
    why: 'a function that does a kind of work is hot because of who asks for that work',
    roots: [ANY_CPU],
    symptoms: ['hot-function', 'hot-line', 'json-hot-path', 'regexp-hot-path', 'allocation-heavy'],
    when: (root, { kind, location }) =>
      root.signals.includes(coveredPlace(location)) ||
      // Its line is not the function's.
      (kind === 'hot-line' &&
        root.signals.some((signal) => signal.startsWith(coveredPlace({ ...location, line: undefined })))),
  },
  {
    why: 'what is written to JSON and read from it is slow because it is large',
    roots: ['oversized-json'],
    symptoms: ['json-hot-path', 'hot-function', 'hot-line', 'allocation-heavy'],
    when: (root, { location }) => isSameSite(root, location),
  },
  {
    why: 'a statement that waits for a lock waits for the transaction that holds it',
    roots: ['long-transaction'],
    symptoms: ['lock-contention', 'slow-dependency'],
    when: (root, { location }) =>
      location.fingerprint !== undefined && root.signals.includes(`holds:${location.fingerprint}`),
  },
  {
    why: 'the call that a transaction is held open for is waited for because of where it stands',
    roots: ['long-transaction'],
    symptoms: ['slow-dependency'],
    when: (root, { location }) => location.url !== undefined && isSameSite(root, location),
  },
  {
    why: 'a statement or call is slow, or repeats, for the reason that was found for it',
    roots: [
      'lock-contention',
      'slow-query-plan',
      'n-plus-one-queries',
      'n-plus-one-calls',
      'retry-storm',
      'over-fetching',
      'duplicate-work',
      'repeated-across-requests',
    ],
    symptoms: ['slow-dependency'],
    when: (root, symptom) => isSameCall(root, symptom) || namesCall(root, symptom),
  },
  {
    why: 'of calls that wait for each other, each looks slow by itself',
    roots: ['serial-independent-calls'],
    symptoms: ['slow-dependency'],
    when: (root, symptom, { weigh }) => namesCall(root, symptom) && weigh(root) >= weigh(symptom),
  },
  {
    why: 'a loop of queries asks again for what an earlier turn or an earlier request had',
    roots: ['n-plus-one-queries', 'n-plus-one-calls'],
    symptoms: ['duplicate-work', 'repeated-across-requests'],
    when: isSameCall,
  },
  {
    why: 'what is asked twice in a request is asked by many requests too',
    roots: ['duplicate-work'],
    symptoms: ['repeated-across-requests'],
    when: isSameCall,
  },
  {
    why: 'a call is slow because it connects first',
    roots: ['new-connection-per-call'],
    symptoms: ['slow-dependency', 'n-plus-one-calls'],
    when: (root, symptom, { weigh }) => {
      const target = root.signals.find((signal) => signal.startsWith('target:'))?.slice('target:'.length);
      return (
        target !== undefined &&
        symptom.location.url?.includes(`${target}/`) === true &&
        weigh(root) >= 0.5 * weigh(symptom)
      );
    },
  },
  {
    why: 'CPU of a database client grows with the queries, rows and columns that it is asked for',
    roots: TOO_MUCH_ASKED,
    symptoms: ['hot-function', 'json-hot-path', 'allocation-heavy'],
    when: (_, { location }) => isDatabaseClient(location.package),
  },
  {
    why: 'socket writes and reads are the price of many small calls',
    roots: ['n-plus-one-queries', 'n-plus-one-calls', 'new-connection-per-call', 'retry-storm'],
    symptoms: ['hot-function'],
    when: (_, { location }) => isNetworking(location),
  },
  {
    why: 'connections come back late because each is held for long',
    roots: [...HOLDS_CONNECTIONS, 'slow-dependency'],
    symptoms: ['pool-too-small'],
    // With one or two connections for many requests the pool is the cause, however short they are held.
    when: (root, symptom, { weigh }) =>
      !symptom.signals.includes('very-few-connections') &&
      root.location.url === undefined &&
      weigh(root) >= 0.25 * weigh(symptom),
  },
  {
    why: 'rows and objects that nobody needs become garbage',
    roots: [
      'over-fetching',
      'oversized-json',
      'json-hot-path',
      'allocation-heavy',
      'exceptions-as-control-flow',
    ],
    symptoms: ['gc-pressure'],
    when: (root, symptom, { weigh }) => root.kind === 'over-fetching' || weigh(root) >= 0.5 * weigh(symptom),
  },
  {
    why: 'requests queue for a thread that is kept busy',
    roots: [ANY_CPU, 'gc-pressure'],
    symptoms: ['event-loop-queueing'],
    when: (root, _, { weigh }) => weigh(root) >= QUEUEING_CAUSE,
  },
  {
    why: 'every turn of a loop of calls queues for the thread once more',
    roots: ['n-plus-one-queries', 'n-plus-one-calls', 'duplicate-work'],
    symptoms: ['event-loop-queueing'],
    when: () => true,
  },
  {
    why: 'time that grows faster than the input comes from loops in loops',
    roots: [ANY_CPU],
    symptoms: ['super-linear-growth'],
    when: (root, _, { weigh }) =>
      root.signals.some((signal) => signal === 'loop' || signal === 'nested-loops') &&
      weigh(root) >= GROWTH_CAUSE,
  },
  {
    why: 'requests take turns at what one at a time may hold',
    roots: ['lock-contention', 'pool-too-small', 'long-transaction'],
    symptoms: ['contention'],
    when: (root, _, { weigh }) => weigh(root) >= QUEUEING_CAUSE,
  },
  {
    why: 'what keeps the one thread busy is what requests take turns at',
    roots: [ANY_CPU, 'gc-pressure'],
    symptoms: ['contention'],
    when: (root, symptom, { weigh }) =>
      symptom.signals.includes('one-thread') && weigh(root) >= QUEUEING_CAUSE,
  },
  {
    why: 'the candidate for a blocked event loop was found by itself',
    roots: [ANY_CPU],
    symptoms: ['event-loop-blocked'],
    when: (root, symptom) => isSameSite(root, symptom.location),
  },
  {
    why: 'a blocked event loop that has no candidate of its own comes from garbage collection',
    roots: ['gc-pressure'],
    symptoms: ['event-loop-blocked'],
    when: (_, { location }) => location.function === undefined,
  },
];

/** Work that makes less than this of the time of the requests doesn't keep a thread busy. */
const QUEUEING_CAUSE = 0.1;

/** What makes an operation grow makes a visible part of it at the size that was profiled. */
const GROWTH_CAUSE = 0.2;

/** Each finding stands once: as a cause, or under the last cause that it leads back to. */
export function joinFindings(
  findings: readonly Finding[],
  facts: Facts,
  rules: readonly JoinRule[] = JOIN_RULES,
): readonly Joined[] {
  const causes = new Map<Finding, Finding>();
  for (const symptom of findings) {
    const cause = findCause(symptom, findings, facts, rules);
    // Two that explain each other: the one that was given a cause first stays a symptom.
    if (cause !== undefined && rootOf(cause, causes) !== symptom) causes.set(symptom, cause);
  }
  return findings
    .filter((finding) => !causes.has(finding))
    .map((root) => ({
      root,
      symptoms: findings
        .filter((finding) => finding !== root && rootOf(finding, causes) === root)
        .sort((a, b) => facts.weigh(b) - facts.weigh(a)),
    }));
}

function findCause(
  symptom: Finding,
  findings: readonly Finding[],
  facts: Facts,
  rules: readonly JoinRule[],
): Finding | undefined {
  for (const rule of rules) {
    if (!isNamed(rule.symptoms, symptom, facts)) continue;
    const [heaviest] = findings
      .filter(
        (root) => root !== symptom && isNamed(rule.roots, root, facts) && rule.when(root, symptom, facts),
      )
      .sort((a, b) => facts.weigh(b) - facts.weigh(a));
    if (heaviest !== undefined) return heaviest;
  }
  return undefined;
}

function isNamed(kinds: readonly string[], finding: Finding, { roleOf }: Facts): boolean {
  const role = roleOf(finding);
  return (
    kinds.includes('(any)') ||
    kinds.includes(finding.kind) ||
    (kinds.includes(ANY_CPU) &&
      (role === 'work' || role === 'line' || role === 'function') &&
      keepsThread(finding))
  );
}

function rootOf(finding: Finding, causes: ReadonlyMap<Finding, Finding>): Finding {
  let root = finding;
  for (let cause = causes.get(root); cause !== undefined; cause = causes.get(root)) root = cause;
  return root;
}

function isSameCall({ location: a }: Finding, { location: b }: Finding): boolean {
  return a.fingerprint === undefined
    ? a.url !== undefined && a.url === b.url
    : a.fingerprint === b.fingerprint;
}

/** Of a finding about several calls. */
function namesCall({ signals }: Finding, { location }: Finding): boolean {
  return signals.includes(`call:${location.fingerprint ?? location.url ?? ''}`);
}

function isSameSite({ location: a }: Finding, b: Finding['location']): boolean {
  return a.function !== undefined && a.function === b.function && a.file === b.file;
}

const HTTP_CLIENTS = new Set([
  'undici',
  'axios',
  'got',
  'node-fetch',
  'follow-redirects',
  'superagent',
  'ky',
]);

function isNetworking({ package: owner, function: name, file }: Finding['location']): boolean {
  if (owner !== undefined && HTTP_CLIENTS.has(owner)) return true;
  return (
    /^(?:node:)?(?:internal\/)?(?:net|tls|_tls_wrap|_http_client|stream_base_commons)\b/.test(file ?? '') ||
    (file === undefined && /^(?:writev?|writeBuffer|writeUtf8String|connect)$/.test(name ?? ''))
  );
}
