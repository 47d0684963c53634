import { createBounder } from '../../core/behaviour/bound-value.ts';
import type { Behaviour, Observation } from '../../core/behaviour/model.ts';
import { createPlaceRemover } from '../../core/behaviour/places.ts';
import { templateNames } from '../../core/load/templates.ts';
import type { LoadStep } from '../../core/ports/load.ts';
import { createAnswerReader } from './answer-facets.ts';
import type { AnswersChildPlan, Directed } from './child-plan.ts';
import { compileJourneys } from './compile-journeys.ts';
import type { CompiledJourney } from './compile-journeys.ts';
import { openPool } from './connection-pool.ts';
import type { ConnectionPool, HttpCall } from './connection-pool.ts';
import { createInputs, seedOfUser } from './user-inputs.ts';
import { walkJourney } from './walk-journey.ts';
import type { JourneyHost, Outcome } from './walk-journey.ts';

/** Rows of the data file that every request and journey takes, one after the other. */
const MOST_ROWS = 30;
/** A program that does not answer so many requests in a row will not answer the next ones: each costs a time-out. */
const MOST_LOST_IN_A_ROW = 3;
/** Methods that should change nothing (RFC 9110, section 9.2.1): a second answer shows what the first one left behind. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What one user after the other is answered, who all wait for their turn; pauses of journeys are left out. */
export async function observeAnswers(plan: Directed<AnswersChildPlan>): Promise<Behaviour> {
  const { destination, scope, seed } = plan;
  const hide = createPlaceRemover(scope.places);
  const readAnswer = createAnswerReader(hide, createBounder());
  const inputsOf = createInputs(plan.data, seed);
  const pool = await openPool(destination, 1);
  const observations: Observation[] = [];
  const startedAt = performance.now();
  let lostInARow = 0;
  let extent = 0;
  try {
    for (const [at, { journey, row, again, round }] of planVisits(plan).entries()) {
      // The first round is of everything that the workload asks for: one request of each kind is the least.
      const isOver =
        scope.extent === undefined
          ? round > 0 && performance.now() - startedAt > scope.limitMs
          : at >= scope.extent;
      if (isOver || lostInARow >= MOST_LOST_IN_A_ROW) break;
      let step = 0;
      const host: JourneyHost = {
        destination,
        pauseUntil: () => Promise.resolve(true),
        settled: () => undefined,
        async send(compiled, call) {
          step += 1;
          const outcome = await sendOnce(pool, call);
          lostInARow = outcome !== undefined && 'lost' in outcome ? lostInARow + 1 : 0;
          const asked = nameOf(call, journey.isJourney ? compiled.label : undefined, round, hide);
          observations.push({
            id: `${at}.${step}`,
            group: compiled.label,
            name: again ? `${asked}, again` : asked,
            facets: readAnswer(outcome),
            main: ['body'],
          });
          return outcome;
        },
      };
      await walkJourney(journey, { startAt: 0, row: inputsOf(row), seed: seedOfUser(seed, row) }, host);
      extent = at + 1;
    }
  } finally {
    await pool.destroy();
  }
  return { observations, extent };
}

interface Visit {
  readonly journey: CompiledJourney;
  readonly row: number;
  readonly round: number;
  readonly again: boolean;
}

/** Everything once, what is safe once more, then further rows for what takes values from them. */
function planVisits(plan: Directed<AnswersChildPlan>): readonly Visit[] {
  const sources = [
    ...plan.requests.map((request) => [request]),
    ...(plan.journeys ?? []).map(({ steps }) => steps),
  ];
  const all = compileJourneys(plan).map((journey, index) => ({ journey, steps: sources[index] ?? [] }));
  const rows = Math.min(plan.data?.rows.length ?? 0, MOST_ROWS);
  const varied = all.filter(({ steps }) => steps.some(hasTemplate));
  return [
    ...all.map(({ journey }) => ({ journey, row: 0, round: 0, again: false })),
    ...all
      .filter(({ journey, steps }) => !journey.isJourney && steps.every(({ method }) => SAFE.has(method)))
      .map(({ journey }) => ({ journey, row: 0, round: 1, again: true })),
    ...Array.from({ length: Math.max(0, rows - 1) }, (_, index) =>
      varied.map(({ journey }) => ({ journey, row: index + 1, round: index + 1, again: false })),
    ).flat(),
  ];
}

function hasTemplate({ path, headers, body }: Pick<LoadStep, 'path' | 'headers' | 'body'>): boolean {
  return [path, ...Object.values(headers), body ?? ''].some((text) => templateNames(text).length > 0);
}

function sendOnce(pool: ConnectionPool, call: HttpCall): Promise<Outcome> {
  return new Promise((resolve) => {
    pool.send(
      { ...call, wholeBody: true },
      {
        answered: (answer) => resolve({ answer, endedAt: 0, ms: 0 }),
        lost: (reason) => resolve({ lost: reason, endedAt: 0 }),
      },
    );
  });
}

/** What was sent, as people name it: a body is known by the row that its values came from. */
function nameOf(
  { method, path, body }: HttpCall,
  label: string | undefined,
  row: number,
  hide: (text: string) => string,
): string {
  const request = `${method} ${hide(path)}${body === undefined || row === 0 ? '' : ` with row ${row + 1}`}`;
  return label === undefined ? request : `${label}: ${request}`;
}
