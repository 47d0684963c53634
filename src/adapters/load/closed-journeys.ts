import type { LoadResult, WindowEdge } from '../../core/ports/load.ts';
import type { ClosedLoopChildPlan, Directed } from './child-plan.ts';
import { sleep, warmUp } from './closed-window.ts';
import { compileJourneys } from './compile-journeys.ts';
import type { CompiledJourney, CompiledStep } from './compile-journeys.ts';
import { openPool } from './connection-pool.ts';
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

/** Pause of a user whose connection failed; without it a refused connection would be a busy loop. */
const RETRY_MS = 20;

interface User {
  /** What became of the last request, and when. */
  wasLost: boolean;
  endedAt: number;
  waitsFor: CompiledStep | undefined;
  settled: number;
  settledInWindow: number;
}

/**
 * Closed loop of journeys: as many users as connections, each of whom begins the next journey when the last one ended. On an own
 * engine, since autocannon can neither wait between requests nor end a sequence early (docs/adr/0010). Counted is what is
 * settled within the window, as in the closed loop of requests; latency counts from the sending.
 */
export async function runClosedJourneys(
  plan: Directed<ClosedLoopChildPlan>,
  announce: (edge: WindowEdge) => void,
): Promise<LoadResult> {
  const { connections, durationMs, destination, seed, warmupMs = 0 } = plan;
  const ledger = createFailureLedger();
  const latency = createLatencyRecorder();
  const stalls = createStallWatch();
  const counter = createJourneyCounter();
  const users: User[] = [];
  let opensAt = Infinity;
  let closesAt = Infinity;
  let answered = 0;
  let isOver = false;

  const journeys = compileJourneys(plan);
  const weights = journeys.map(({ weight }) => weight);
  const inputsOf = createInputs(plan.data, seed);
  const pool = await openPool(destination, connections);
  const isInWindow = (at: number): boolean => at >= opensAt && at < closesAt;

  const hostOf = (user: User): JourneyHost => ({
    destination,
    send: (step, call) =>
      new Promise((resolve) => {
        const sentAt = performance.now();
        user.waitsFor = step;
        stalls.sent();
        const settle = (outcome: NonNullable<Outcome>): void => {
          user.waitsFor = undefined;
          stalls.settled();
          resolve(isOver ? undefined : outcome);
        };
        pool.send(call, {
          answered: (answer) => {
            const endedAt = performance.now();
            settle({ answer, endedAt, ms: endedAt - sentAt });
          },
          lost: (reason) => settle({ lost: reason, endedAt: performance.now() }),
        });
      }),
    async pauseUntil(at) {
      const waitMs = at - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      return !isOver;
    },
    settled(step, outcome, problem) {
      user.settled += 1;
      user.wasLost = 'lost' in outcome;
      user.endedAt = outcome.endedAt;
      if (!isInWindow(outcome.endedAt)) return;
      user.settledInWindow += 1;
      if ('answer' in outcome) answered += 1;
      if (problem !== undefined) ledger.add(step.label, problem, exampleOf(outcome));
      else if ('answer' in outcome) latency.record(outcome.ms);
    },
  });

  const live = async (user: User, index: number): Promise<void> => {
    const host = hostOf(user);
    const order = orderByWeight(weights, seed + index);
    for (let nth = 0; !isOver; nth++) {
      const journey = journeys[order[nth % order.length] as number] as CompiledJourney;
      const taken = index + nth * connections;
      const startAt = performance.now();
      if (isInWindow(startAt)) counter.begin(journey);
      const walk = { startAt, row: inputsOf(taken), seed: seedOfUser(seed, taken) };
      const how = await walkJourney(journey, walk, host);
      // A journey ends with its last request, in the same window.
      if (isInWindow(user.endedAt)) counter.end(journey, how);
      if (how === 'failed' && user.wasLost) await sleep(RETRY_MS);
    }
  };
  const lives = Array.from({ length: connections }, (_, index) => {
    const user: User = { wasLost: false, endedAt: 0, waitsFor: undefined, settled: 0, settledInWindow: 0 };
    users.push(user);
    return live(user, index);
  });
  // A defect in a user must end the child, not hide in a promise that nobody looks at before the end.
  const defect = Promise.all(lives);

  await Promise.race([defect, warmUp(warmupMs, () => users.every(({ settled }) => settled > 0))]);
  announce('opens');
  stalls.open();
  const bytesBefore = pool.bytesRead();
  opensAt = performance.now();
  closesAt = opensAt + durationMs;
  const stopFigures = startGeneratorFigures();
  await Promise.race([defect, sleep(durationMs)]);
  isOver = true;
  stalls.close();
  announce('closes');
  const figures = stopFigures();
  const bytes = pool.bytesRead() - bytesBefore;
  for (const { waitsFor, settledInWindow } of users) {
    // Otherwise a server that hangs would look like one that was asked nothing.
    if (settledInWindow > 0 || waitsFor === undefined) continue;
    ledger.add(waitsFor.label, 'no answer in the whole window');
  }
  await pool.destroy();

  return toLoadResult({
    durationMs,
    answered,
    bytes,
    journeys: counter.counts(),
    ledger,
    latency,
    stalls,
    figures,
  });
}
