import { templateNames } from './templates.ts';

interface Sent {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}

interface Journey {
  readonly name: string;
  readonly steps: readonly (Sent & { readonly extract?: Readonly<Record<string, unknown>> | undefined })[];
}

/** A request or step that uses names which no earlier step of its journey extracts: the data file has to have them. */
export interface TemplateUse {
  readonly path: readonly (string | number)[];
  /** For people, e.g. `step 2 of journey "buy"`. */
  readonly where: string;
  readonly names: readonly string[];
}

export function templateUses(workload: {
  readonly requests?: readonly Sent[] | undefined;
  readonly journeys?: readonly Journey[] | undefined;
}): readonly TemplateUse[] {
  const { requests = [], journeys = [] } = workload;
  const uses = [
    ...requests.map((request, index) => ({
      path: ['requests', index],
      where: `request ${index + 1}`,
      names: namesIn(request),
    })),
    ...journeys.flatMap((journey, index) => usesOfJourney(journey, ['journeys', index])),
  ];
  return uses.filter(({ names }) => names.length > 0);
}

function usesOfJourney({ name, steps }: Journey, path: readonly (string | number)[]): readonly TemplateUse[] {
  const extracted = new Set<string>();
  return steps.map((step, index) => {
    const names = namesIn(step).filter((used) => !extracted.has(used));
    for (const given of Object.keys(step.extract ?? {})) extracted.add(given);
    return { path: [...path, 'steps', index], where: `step ${index + 1} of journey "${name}"`, names };
  });
}

function namesIn({ path, headers = {}, body }: Sent): readonly string[] {
  const texts = [
    path,
    ...Object.values(headers),
    typeof body === 'string' ? body : JSON.stringify(body ?? ''),
  ];
  return [...new Set(texts.flatMap(templateNames))];
}
