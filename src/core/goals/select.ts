import { createHash } from 'node:crypto';
import { InputError } from '../errors.ts';
import type { Goals, Workload } from '../model/goals.ts';

/** The workload that a call means: the named one, or the only one. */
export function selectWorkload(goals: Goals | undefined, name: string | undefined): Workload {
  if (!goals || goals.workloads.length === 0) {
    throw new InputError('no_goals', 'This project has no goals yet.', {
      fix: 'Call define_goals without arguments for a draft, then with what the person confirmed.',
      next: [{ tool: 'define_goals', arguments: {}, why: 'draft goals from the project' }],
    });
  }
  const names = goals.workloads.map((w) => w.name);
  const found =
    name === undefined && names.length === 1
      ? goals.workloads[0]
      : goals.workloads.find((w) => w.name === name);
  if (found) return found;
  throw new InputError(
    'unknown_workload',
    name === undefined ? 'There are several workloads.' : `There is no workload "${name}".`,
    {
      fix: `Give "workload" as one of: ${names.join(', ')}.`,
    },
  );
}

/** What makes two measurements of a workload comparable: everything in its definition but words for people. */
export function hashWorkload(workload: Workload): string {
  const { description: _words, ...measured } = workload;
  return hashJson(measured);
}

export function hashGoals(goals: Goals): string {
  return hashJson(goals);
}

function hashJson(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex')
    .slice(0, 16);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sortKeys(child)]),
  );
}
