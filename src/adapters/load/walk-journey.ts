import type { Lookup } from '../../core/load/templates.ts';
import { seededRandom } from '../../core/random.ts';
import type { Answer } from './answer.ts';
import type { Destination } from './child-plan.ts';
import type { CompiledJourney, CompiledStep } from './compile-journeys.ts';
import type { HttpCall } from './connection-pool.ts';
import { createUserCookies } from './cookie-jar.ts';

/** What became of a request; undefined when the load is over and nobody waits for it any more. */
export type Outcome =
  /** `ms` is the latency as the loop counts it. */
  | { readonly answer: Answer; readonly endedAt: number; readonly ms: number }
  | { readonly lost: string; readonly endedAt: number }
  | undefined;

/** The loop that a journey runs in: it decides when something is sent, and counts. */
export interface JourneyHost {
  readonly destination: Destination;
  /** Sends in this turn. `dueAt` is when the step should have been sent. */
  send(step: CompiledStep, call: HttpCall, dueAt: number): Promise<Outcome>;
  /** Resolves at that time; false when nothing may be sent any more. */
  pauseUntil(at: number): Promise<boolean>;
  /** A request is right, or `problem` says what is wrong. */
  settled(step: CompiledStep, outcome: NonNullable<Outcome>, problem: string | undefined): void;
}

export interface Walk {
  readonly startAt: number;
  /** Values of the row that this user has. */
  readonly row: Lookup;
  readonly seed: number;
}

/**
 * One user's way through a journey. A step that gets no answer, or a wrong one, or one from which a later step's value cannot be
 * taken, ends it: what comes after would ask for something else than the journey means.
 */
export async function walkJourney(
  journey: CompiledJourney,
  { startAt, row, seed }: Walk,
  host: JourneyHost,
): Promise<'completed' | 'failed' | 'cut'> {
  const values = new Map<string, unknown>();
  const lookup: Lookup = (name) => (values.has(name) ? values.get(name) : row(name));
  const cookies = journey.cookies ? createUserCookies(host.destination) : undefined;
  let random: ReturnType<typeof seededRandom> | undefined;
  let dueAt = startAt;
  for (const [index, step] of journey.steps.entries()) {
    if (step.thinkMs !== undefined) {
      const [least, most] = step.thinkMs;
      random ??= seededRandom(seed);
      dueAt += least + random.next() * (most - least);
    }
    const waits = index > 0 || step.thinkMs !== undefined;
    if (waits && !(await host.pauseUntil(dueAt))) return 'cut';

    const call = step.render(lookup);
    const cookie = cookies?.headerFor(call.path) ?? '';
    const outcome = await host.send(step, cookie === '' ? call : withCookie(call, cookie), dueAt);
    if (outcome === undefined) return 'cut';
    const problem =
      'lost' in outcome
        ? outcome.lost
        : (step.findProblem(outcome.answer) ?? step.extract?.(outcome.answer, values));
    host.settled(step, outcome, problem);
    if (problem !== undefined) return 'failed';
    if ('answer' in outcome) cookies?.keep(call.path, outcome.answer.headers);
    dueAt = outcome.endedAt;
  }
  return 'completed';
}

/** A Cookie header of the step's own stays, before what the user has. */
function withCookie(call: HttpCall, cookie: string): HttpCall {
  const own = Object.entries(call.headers).find(([name]) => name.toLowerCase() === 'cookie');
  if (own === undefined) return { ...call, headers: { ...call.headers, cookie } };
  return { ...call, headers: { ...call.headers, [own[0]]: `${own[1]}; ${cookie}` } };
}

/** The start of the body of a wrong answer, in characters enough for a ledger. */
export function exampleOf(outcome: NonNullable<Outcome>): string | undefined {
  if (!('answer' in outcome)) return undefined;
  const { body } = outcome.answer;
  return typeof body === 'string' ? body : body.subarray(0, 1_000).toString('utf8');
}
