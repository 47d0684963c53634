import { InputError } from '../errors.ts';
import type { NoFit } from '../model/sweep.ts';

/** Three numbers describe a curve; with four levels one is left to contradict it. */
export const MINIMUM_LEVELS = 4;

/**
 * Refuses a sweep that could not be fitted, before minutes are spent on measuring it. `what`: the swept dimension
 * in the words of the caller, e.g. "connections".
 */
export function requireEnoughLevels(values: readonly number[], what: string): void {
  const distinct = new Set(values).size;
  if (distinct >= MINIMUM_LEVELS) return;
  throw new InputError(
    'too_few_levels',
    `A curve over ${what} was asked for, and the sweep has ${distinct} different values (${[...new Set(values)].join(', ')}).`,
    {
      fix: `Give at least ${MINIMUM_LEVELS} different values; doubling from the smallest to well past the largest of interest works best.`,
    },
  );
}

/** Why measured levels cannot be fitted: fewer of them may be left than were asked for. Null when they can. */
export function refuseLevels(
  levels: readonly { readonly value: number; readonly samples: readonly number[] }[],
  what: string,
): NoFit | null {
  const distinct = new Set(levels.map(({ value }) => value)).size;
  if (distinct < MINIMUM_LEVELS) {
    return {
      kind: 'none',
      reason: 'too_few_levels',
      text: `${distinct} different values of ${what} gave samples; a curve takes ${MINIMUM_LEVELS}, for two or three points fit any.`,
    };
  }
  const wrong = levels.find(({ value, samples }) =>
    [value, ...samples].some((number) => !isPositive(number)),
  );
  if (wrong === undefined) return null;
  return {
    kind: 'none',
    reason: 'not_positive',
    text: `At ${what} ${wrong.value} a number is 0, below 0 or none at all; the laws of scaling are about positive ones.`,
  };
}

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}
