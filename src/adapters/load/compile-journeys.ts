import type { Lookup } from '../../core/load/templates.ts';
import type { LoadJourney, LoadStep } from '../../core/ports/load.ts';
import type { ChildPlan, Directed } from './child-plan.ts';
import { compileCall } from './compile-call.ts';
import { compileExpectation, needsBody } from './expectations.ts';
import type { Check } from './expectations.ts';
import { compileExtractions } from './extractions.ts';
import type { Extractor } from './extractions.ts';
import type { HttpCall } from './connection-pool.ts';

export interface CompiledStep {
  /** For people: the request's name, or the journey's and the step's. */
  readonly label: string;
  readonly thinkMs: readonly [number, number] | undefined;
  render(lookup: Lookup): HttpCall;
  readonly findProblem: Check;
  readonly extract: Extractor | undefined;
}

export interface CompiledJourney {
  readonly weight: number;
  readonly cookies: boolean;
  readonly steps: readonly CompiledStep[];
  /** False for a request that stands alone. */
  readonly isJourney: boolean;
}

/** Everything that a user can do, requests first, each as a journey. The order is that of the weights in `orderByWeight`. */
export function compileJourneys(
  plan: Pick<Directed<ChildPlan>, 'requests' | 'journeys' | 'destination'>,
): readonly CompiledJourney[] {
  const { host } = plan.destination;
  return [
    ...plan.requests.map((request) => ({
      weight: request.weight,
      cookies: false,
      steps: [compileStep(request.name, request, host)],
      isJourney: false,
    })),
    ...(plan.journeys ?? []).map((journey) => compileJourney(journey, host)),
  ];
}

function compileJourney({ name, weight, cookies, steps }: LoadJourney, host: string): CompiledJourney {
  return {
    weight,
    cookies,
    steps: steps.map((step, index) => compileStep(`${name}, step ${index + 1} (${step.name})`, step, host)),
    isJourney: true,
  };
}

function compileStep(label: string, step: LoadStep, host: string): CompiledStep {
  const extract = step.extract === undefined ? undefined : compileExtractions(step.extract);
  return {
    label,
    thinkMs: step.thinkMs,
    render: compileCall(step, host, extract !== undefined || needsBody(step.expect)),
    findProblem: compileExpectation(step.expect),
    extract,
  };
}
