import type { Workload } from '../model/goals.ts';

/**
 * The values by which inputs of a workload differ, as text: whole paths, values in query strings, leaves of bodies, arguments
 * and parameters, sizes. A program that compares with one of them knows the benchmark.
 */
export function workloadLiterals(workload: Workload): readonly string[] {
  return [...new Set(inputsOf(workload).flatMap(leavesOf))];
}

function inputsOf(workload: Workload): readonly unknown[] {
  switch (workload.kind) {
    case 'http': {
      const steps = (workload.journeys ?? []).flatMap((journey) => journey.steps);
      return [...(workload.requests ?? []), ...steps].flatMap(({ path, body }) => [...partsOf(path), body]);
    }
    case 'function': {
      const { args, sizes = [] } = workload;
      return [...(args !== undefined && 'json' in args ? args.json : []), ...sizes];
    }
    case 'command':
      return [Object.values(workload.parameters ?? {})];
    case 'query':
      return workload.params ?? [];
  }
}

/** A path alone is a route, which every router compares with; what follows it is an input. */
function partsOf(path: string): readonly string[] {
  const [route = '', query] = path.split('?', 2);
  if (query === undefined) return route.split('/').filter((part) => /\d/.test(part));
  return [path, ...new URLSearchParams(query).values()];
}

function leavesOf(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesOf);
  return [];
}
