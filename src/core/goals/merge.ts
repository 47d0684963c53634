import { InputError } from '../errors.ts';
import { explainIssues } from '../explain-issues.ts';
import type { Constraint, Goals, Objective } from '../model/goals.ts';
import { goalsSchema } from '../model/goals.ts';

/** What a caller gives: whole records for what is new, and for what exists the fields to change. */
export interface GoalsPatch {
  readonly workloads?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly objectives?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly constraints?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly correctness?: Goals['correctness'] | undefined;
  readonly prices?: Goals['prices'] | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** Merges by name (objectives by workload and metric). Throws InputError invalid_arguments that names the wrong field. */
export function mergeGoals(current: Goals, patch: GoalsPatch): Goals {
  const removed = new Set(patch.remove ?? []);
  const isAboutRemoved = ({ workload }: Fields) => typeof workload === 'string' && removed.has(workload);
  const merged = {
    ...current,
    version: 1,
    workloads: mergeBy(current.workloads, patch.workloads, nameOf).map(withoutOtherSource(patch.workloads)),
    objectives: mergeBy(current.objectives, patch.objectives, objectiveOf)
      .map(withoutOtherBound(patch.objectives, objectiveOf))
      .map(withoutOtherPrimary(patch.objectives)),
    constraints: mergeBy(current.constraints, patch.constraints, nameOf).map(
      withoutOtherBound(patch.constraints, nameOf),
    ),
    ...(patch.correctness === undefined
      ? {}
      : { correctness: { ...current.correctness, ...patch.correctness } }),
    ...(patch.prices === undefined ? {} : { prices: { ...current.prices, ...patch.prices } }),
  };
  requireKnown(removed, merged);
  const wanted = {
    ...merged,
    workloads: merged.workloads.filter((w) => !removed.has(nameOf(w))),
    objectives: merged.objectives.filter((o) => !removed.has(objectiveOf(o)) && !isAboutRemoved(o)),
    constraints: merged.constraints.filter((c) => !removed.has(nameOf(c)) && !isAboutRemoved(c)),
  };
  const parsed = goalsSchema.safeParse(wanted);
  if (!parsed.success) {
    const problems = explainIssues(goalsSchema, parsed.error, wanted)
      .slice(0, 5)
      .map(({ at, message }) => `${at}: ${message}`);
    throw new InputError('invalid_arguments', `These goals are not valid: ${problems.join('; ')}.`, {
      fix: 'Correct the named fields and call define_goals again; the shape is in schemas/goals.schema.json and in the draft that a bare call gives.',
      next: [{ tool: 'define_goals', arguments: {}, why: 'see the present goals or a draft' }],
    });
  }
  checkReferences(parsed.data);
  return parsed.data;
}

type Fields = Readonly<Record<string, unknown>>;
type Key = (record: Fields) => string;

const nameOf: Key = (record) => String(record['name']);
const objectiveOf: Key = (record) => `${String(record['workload'])}.${String(record['metric'])}`;

/** A name that nothing has was mistyped; to report it as removed would hide that. */
function requireKnown(
  removed: ReadonlySet<string>,
  goals: Readonly<Record<'workloads' | 'objectives' | 'constraints', readonly Fields[]>>,
): void {
  const names = [
    ...goals.workloads.map(nameOf),
    ...goals.objectives.map(objectiveOf),
    ...goals.constraints.map(nameOf),
  ];
  const unknown = [...removed].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new InputError('invalid_arguments', `There is nothing named "${unknown}" to remove.`, {
    fix: names.length === 0 ? 'The project has no goals yet.' : `Use one of: ${names.join(', ')}.`,
  });
}

function mergeBy(current: readonly Fields[], patch: readonly Fields[] | undefined, key: Key): Fields[] {
  const byKey = new Map(current.map((record) => [key(record), record]));
  for (const change of patch ?? []) {
    const before = byKey.get(key(change));
    // Whoever states a record has seen it: it is no draft any more, unless they say so.
    const { draft: _confirmed, ...kept } = before ?? {};
    byKey.set(key(change), { ...kept, ...change });
  }
  return [...byKey.values()];
}

/** What had "max" and is given "min" now means the new bound alone. */
function withoutOtherBound(patch: readonly Fields[] | undefined, key: Key) {
  return (record: Fields): Fields => {
    const change = patch?.find((one) => key(one) === key(record));
    if (!change || (change['max'] === undefined) === (change['min'] === undefined)) return record;
    const { [change['max'] === undefined ? 'max' : 'min']: _old, ...rest } = record;
    return rest;
  };
}

/** What was started and is given "attach" now is attached to, and the other way round. */
function withoutOtherSource(patch: readonly Fields[] | undefined) {
  return (workload: Fields): Fields => {
    const change = patch?.find((one) => nameOf(one) === nameOf(workload));
    if (!change || (change['start'] === undefined) === (change['attach'] === undefined)) return workload;
    const { [change['start'] === undefined ? 'start' : 'attach']: _old, ...rest } = workload;
    return rest;
  };
}

/** One metric decides a verdict: where the call names a primary objective, the workload's earlier one is none any more. */
function withoutOtherPrimary(patch: readonly Fields[] | undefined) {
  const named = patch?.filter((change) => change['primary'] === true) ?? [];
  return (objective: Fields): Fields => {
    const isReplaced =
      named.some((change) => change['workload'] === objective['workload']) &&
      !named.some((change) => objectiveOf(change) === objectiveOf(objective));
    if (!isReplaced) return objective;
    const { primary: _old, ...rest } = objective;
    return rest;
  };
}

function checkReferences(goals: Goals): void {
  const names = goals.workloads.map((w) => w.name);
  const dangling = [...goals.objectives, ...goals.constraints]
    .map((record: Objective | Constraint) => record.workload)
    .filter((name) => name !== undefined && !names.includes(name));
  if (dangling.length === 0) return;
  throw new InputError(
    'unknown_workload',
    `There is no workload "${dangling[0] ?? ''}"; an objective or constraint names it.`,
    {
      fix: names.length === 0 ? 'Define the workload in the same call.' : `Use one of: ${names.join(', ')}.`,
    },
  );
}
