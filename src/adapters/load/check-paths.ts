import { InputError } from '../../core/errors.ts';
import type { LoadPlan, LoadStep } from '../../core/ports/load.ts';
import { compileJsonPath } from './json-path.ts';

/** Refuses text that is no JSON path, with the place where it stands. */
export function checkJsonPaths({ requests, journeys = [] }: Pick<LoadPlan, 'requests' | 'journeys'>): void {
  for (const request of requests) checkStep(`Request "${request.name}"`, request);
  for (const { name, steps } of journeys) {
    steps.forEach((step, index) => checkStep(`Step ${index + 1} of journey "${name}"`, step));
  }
}

function checkStep(where: string, { expect, extract = {} }: LoadStep): void {
  const extracted = Object.values(extract).flatMap((from) => ('json' in from ? [from.json] : []));
  for (const path of [...Object.keys(expect.json ?? {}), ...extracted]) {
    try {
      compileJsonPath(path);
    } catch (error) {
      const why = error instanceof Error ? ` (${error.message})` : '';
      throw new InputError('invalid_goals', `${where}: ${JSON.stringify(path)} is not a JSON path${why}.`, {
        fix: 'Write it as RFC 9535 says, e.g. "$.token", "$.items[0].id" or "$[\'odd name\']", and call define_goals.',
      });
    }
  }
}
