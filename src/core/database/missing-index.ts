import { columnsOf, comparedExpression } from './condition.ts';
import type { PlanProblem } from './judge-plan.ts';

/** Reading fewer rows than this is quicker without an index, or as quick. */
export const FEWEST_ROWS = 1000;

/**
 * An index is missing, or the condition is one that none on the column could serve.
 *
 * @param names of the table that is meant, in lower case; without them all columns of the condition are its
 */
export function nameIndex(
  table: string,
  condition: string,
  names?: readonly string[],
): Pick<PlanProblem, 'kind' | 'signal'> {
  const expression = comparedExpression(condition);
  return expression === undefined
    ? { kind: 'missing-index', signal: `missing-index:${table}${columnsOf(condition, names)}` }
    : { kind: 'unusable-index', signal: `unusable-index:${table}(${expression.column})` };
}
