import { describeBacktracking } from './catastrophic-regexp.ts';
import { judgePattern } from './judge-pattern.ts';
import { detectWork } from './work-in-function.ts';

/** Regular expressions that take a visible part of busy time and do not backtrack, as far as is known. */
export const regexpHotPath = detectWork({
  id: 'regexp-hot-path',
  title: 'Expensive regular expression',
  categories: ['regexp'],
  layer: 'algorithm',
  subject: 'Regular expression work',
  confirm: (place) =>
    `Time the pattern in ${place} on inputs of 10, 20 and 30 characters that nearly match: growth faster than linear confirms that the pattern is the cause, linear growth points to the amount of text.`,
  refine: (work) => {
    // Named by catastrophic-regexp.
    if (describeBacktracking(work) !== undefined) return null;
    const patterns = [...new Set(work.flatMap((item) => item.patterns))];
    const seen = work.some((item) => item.seenBy === 'frame') || patterns.length > 0;
    const rescans = patterns.some((pattern) => judgePattern(pattern).growth === 'rescanning');
    const shown = patterns.slice(0, 3).map((pattern) => `/${pattern.slice(0, 120)}/`);
    return {
      signals: rescans ? ['rescanning'] : [],
      ...(shown.length === 0
        ? {}
        : {
            detail: `patterns${rescans ? ', tried from every place of the text' : ''}: ${shown.join('  ')}`,
          }),
      ...(seen
        ? {}
        : { doubt: 'a call that looks like one of a regular expression, whose pattern was not found' }),
    };
  },
});
