import { hasNestedQuantifier } from './source-reading.ts';
import { detectWork } from './work-in-function.ts';

/** Regular expressions that take a visible part of busy time; backtracking is the usual reason for more than 5 %. */
export const regexpHotPath = detectWork({
  id: 'regexp-hot-path',
  title: 'Expensive regular expression',
  categories: ['regexp'],
  layer: 'algorithm',
  subject: 'Regular expression work',
  confirm: (place) =>
    `Time the pattern in ${place} on inputs of 10, 20 and 30 characters that nearly match: exponential growth confirms backtracking, linear growth refutes it.`,
  refine: (work) => {
    const patterns = [...new Set(work.flatMap((item) => item.patterns))];
    const nested = patterns.filter(hasNestedQuantifier);
    const seen = work.some((item) => item.seenBy === 'frame') || patterns.length > 0;
    return {
      signals: nested.length > 0 ? ['nested-quantifier'] : [],
      ...(patterns.length === 0
        ? {}
        : {
            detail: `${nested.length > 0 ? 'nested quantifiers, which backtrack exponentially' : 'patterns'}: ${(nested.length >
            0
              ? nested
              : patterns
            )
              .slice(0, 3)
              .map((pattern) => `/${pattern.slice(0, 120)}/`)
              .join('  ')}`,
          }),
      ...(seen
        ? {}
        : { doubt: 'a call that looks like one of a regular expression, whose pattern was not found' }),
    };
  },
});
