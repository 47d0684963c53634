import type { HttpJourney, HttpRequest, HttpStep, HttpWorkload } from './model/goals.ts';
import type { Expectation, LoadJourney, LoadRequest, LoadStep } from './ports/load.ts';

/** The requests of a workload with every default filled in. Bodies that are not strings are sent as JSON. */
export function toLoadRequests(workload: HttpWorkload): readonly LoadRequest[] {
  return (workload.requests ?? []).map((request) => ({ ...toSent(request), weight: request.weight ?? 1 }));
}

/** Its journeys, likewise; undefined where it has none. */
export function toLoadJourneys(workload: HttpWorkload): readonly LoadJourney[] | undefined {
  return workload.journeys?.map(toLoadJourney);
}

/** Requests that one arrival causes, on the average over the weights, when every journey is walked to its end. */
export function requestsPerArrival(workload: HttpWorkload): number {
  const all = [
    ...(workload.requests ?? []).map(({ weight = 1 }) => ({ weight, requests: 1 })),
    ...(workload.journeys ?? []).map(({ weight = 1, steps }) => ({ weight, requests: steps.length })),
  ];
  const weights = all.reduce((sum, { weight }) => sum + weight, 0);
  return all.reduce((sum, { weight, requests }) => sum + weight * requests, 0) / weights;
}

/** Whether users pause: then a closed loop does not find what the program can do, but what so many users ask of it. */
export function hasPauses({ journeys = [] }: HttpWorkload): boolean {
  return journeys.some(({ steps }) => steps.some(({ think_ms }) => think_ms !== undefined));
}

function toLoadJourney({ name, weight, cookies, steps }: HttpJourney): LoadJourney {
  return { name, weight: weight ?? 1, cookies: cookies ?? false, steps: steps.map(toLoadStep) };
}

function toLoadStep(step: HttpStep): LoadStep {
  const { think_ms: think, extract } = step;
  return {
    ...toSent(step),
    ...(think === undefined ? {} : { thinkMs: typeof think === 'number' ? [think, think] : think }),
    ...(extract === undefined ? {} : { extract }),
  };
}

function toSent(request: HttpRequest | HttpStep): Omit<LoadRequest, 'weight'> {
  const isJson = request.body !== undefined && typeof request.body !== 'string';
  const body = isJson ? JSON.stringify(request.body) : request.body;
  const hasType = Object.keys(request.headers ?? {}).some((name) => name.toLowerCase() === 'content-type');
  return {
    name: request.name ?? `${request.method ?? 'GET'} ${request.path}`,
    method: request.method ?? 'GET',
    path: request.path,
    headers: { ...(isJson && !hasType ? { 'content-type': 'application/json' } : {}), ...request.headers },
    ...(typeof body === 'string' ? { body } : {}),
    ...(isJson ? { bodyIsJson: true } : {}),
    expect: toExpectation(request.expect),
  };
}

function toExpectation(expect: HttpRequest['expect'] = {}): Expectation {
  const { status, headers, body_includes: bodyIncludes, json } = expect;
  return {
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
    ...(bodyIncludes === undefined ? {} : { bodyIncludes }),
    ...(json === undefined ? {} : { json }),
  };
}
