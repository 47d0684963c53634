import type { Goals } from '../model/goals.ts';
import type { Strategy } from '../model/strategy.ts';
import type { ForbidTag } from './strategy-rule.ts';

/** Constraints of the project that forbid something a strategy needs. */
export function findConflicts(
  needs: readonly ForbidTag[],
  workload: string,
  { constraints }: Pick<Goals, 'constraints'>,
): Strategy['conflicts'] {
  return constraints
    .filter((constraint) => constraint.workload === undefined || constraint.workload === workload)
    .flatMap((constraint) => {
      const broken = needs.filter((need) => constraint.forbids?.includes(need));
      if (broken.length === 0) return [];
      const text = constraint.text === undefined ? '' : ` (${constraint.text})`;
      return [{ constraint: constraint.name, reason: `needs ${broken.join(', ')}, which it forbids${text}` }];
    });
}
