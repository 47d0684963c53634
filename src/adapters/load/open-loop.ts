import { intendedTimes } from '../../core/load/arrivals.ts';
import type { LoadResult, WindowEdge } from '../../core/ports/load.ts';
import { driveArrivals, turnAt } from './arrivals.ts';
import { DRAIN_MS } from './child-plan.ts';
import type { Directed, OpenLoopChildPlan } from './child-plan.ts';
import { compileJourneys } from './compile-journeys.ts';
import type { CompiledJourney } from './compile-journeys.ts';
import { openPool } from './connection-pool.ts';
import type { CallEvents } from './connection-pool.ts';
import { toLoadResult } from './load-result.ts';
import { createFailureLedger } from './failure-ledger.ts';
import { startGeneratorFigures } from './generator-figures.ts';
import { createJourneyCounter } from './journey-counter.ts';
import { createLatencyRecorder } from './latency-summary.ts';
import { createStallWatch } from './stall-watch.ts';
import { createInputs, seedOfUser } from './user-inputs.ts';
import { exampleOf, walkJourney } from './walk-journey.ts';
import type { JourneyHost, Outcome } from './walk-journey.ts';
import { orderByWeight } from './weighted-order.ts';

/**
 * Sockets that may be open at once; requests in flight beyond it wait here, and the wait is part of their latency.
 * Below the 1,024 files that many servers may have open by default.
 */
const MAX_CONNECTIONS = 1_000;

/** Between building the pool and the first arrival, so that the first is not late already. */
const LEAD_MS = 20;

/**
 * Open loop: requests and journeys begin when they are due whatever the server does, and latency counts from the intended
 * time, so waiting that a slow server causes to later users is in the numbers (wrk2's argument). A later step of a journey is
 * due when the one before was answered and its pause is over. Every arrival of the window is accounted for: answered, failed,
 * or not sent. A request that is unanswered when draining ends is a failure; its latency so far is left out of the percentiles
 * like that of every failure. Steps that become due after the window are not sent: load ends with it.
 */
export async function runOpenLoop(
  plan: Directed<OpenLoopChildPlan>,
  announce: (edge: WindowEdge) => void = () => undefined,
): Promise<LoadResult> {
  const { durationMs, maxInFlight, destination, seed } = plan;
  const ledger = createFailureLedger();
  const latency = createLatencyRecorder();
  const lateness = createLatencyRecorder();
  const stalls = createStallWatch();
  const counter = createJourneyCounter();
  const unanswered = new Set<CallEvents>();
  let answered = 0;
  let closesAt = Infinity;
  /** Steps whose pause ends within the window: sent even when this process comes to it late. */
  let pausing = 0;
  let onIdle: (() => void) | undefined;
  const becomesIdle = (): void => {
    if (unanswered.size === 0 && pausing === 0) onIdle?.();
  };

  const journeys = compileJourneys(plan);
  const order = orderByWeight(
    journeys.map(({ weight }) => weight),
    seed,
  );
  const inputsOf = createInputs(plan.data, seed);
  const pool = await openPool(destination, Math.min(maxInFlight, MAX_CONNECTIONS));

  const host: JourneyHost = {
    destination,
    send: (_step, call, dueAt) =>
      new Promise((resolve) => {
        const settle = (toOutcome: (endedAt: number) => Outcome): void => {
          const endedAt = performance.now();
          if (!unanswered.delete(events)) return;
          stalls.settled();
          resolve(toOutcome(endedAt));
          becomesIdle();
        };
        const events: CallEvents = {
          answered: (answer) => settle((endedAt) => ({ answer, endedAt, ms: endedAt - dueAt })),
          lost: (reason) => settle((endedAt) => ({ lost: reason, endedAt })),
        };
        if (unanswered.size >= maxInFlight) {
          resolve({ lost: `not sent: ${maxInFlight} requests in flight`, endedAt: performance.now() });
          return;
        }
        unanswered.add(events);
        lateness.record(performance.now() - dueAt);
        stalls.sent();
        pool.send(call, events);
      }),
    pauseUntil: (at) =>
      new Promise((resolve) => {
        if (at >= closesAt) resolve(false);
        else if (at <= performance.now()) resolve(true);
        else {
          pausing += 1;
          turnAt(at, () => {
            resolve(true);
            // After the microtask in which it is sent.
            setImmediate(() => {
              pausing -= 1;
              becomesIdle();
            });
          });
        }
      }),
    settled(step, outcome, problem) {
      if ('answer' in outcome) answered += 1;
      if (problem !== undefined) ledger.add(step.label, problem, exampleOf(outcome));
      else if ('answer' in outcome) latency.record(outcome.ms);
    },
  };

  let arrival = 0;
  announce('opens');
  const stopFigures = startGeneratorFigures();
  const startAt = performance.now() + LEAD_MS;
  closesAt = startAt + durationMs;
  stalls.open();
  await driveArrivals(absolute(intendedTimes({ arrivals: 'constant', ...plan }), startAt), (at) => {
    const journey = journeys[order[arrival % order.length] as number] as CompiledJourney;
    const walk = { startAt: at, row: inputsOf(arrival), seed: seedOfUser(seed, arrival) };
    counter.begin(journey);
    void walkJourney(journey, walk, host).then((how) => counter.end(journey, how));
    arrival += 1;
  });
  await sleep(closesAt - performance.now());
  stalls.close();
  announce('closes');
  const figures = stopFigures();

  if (unanswered.size > 0 || pausing > 0) {
    await Promise.race([new Promise<void>((resolve) => (onIdle = resolve)), sleep(DRAIN_MS)]);
  }
  for (const events of [...unanswered]) events.lost(`no answer ${DRAIN_MS / 1_000} s after the window`);
  // What was settled last is counted in its microtasks.
  await new Promise((resolve) => setImmediate(resolve));
  const bytes = pool.bytesRead();
  await pool.destroy();

  return toLoadResult({
    durationMs,
    answered,
    bytes,
    journeys: plan.journeys === undefined ? null : counter.counts(),
    ledger,
    latency,
    stalls,
    figures,
    latenessP99Ms: lateness.percentileMs(99),
  });
}

function* absolute(times: Iterable<number>, startAt: number): Generator<number, void> {
  for (const at of times) yield startAt + at;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
