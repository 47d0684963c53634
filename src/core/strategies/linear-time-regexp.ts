import { hasSignal, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const linearTimeRegexp: StrategyRule = {
  key: 'linear-time-regexp',
  layer: 'algorithm',
  title: 'A pattern that cannot backtrack, or no pattern',
  appliesTo(bottleneck) {
    // A function that is hot for other reasons too would lend the pattern its whole ceiling.
    const isMain =
      bottleneck.kind === 'regexp-hot-path' || hasSignal(bottleneck, 'backtracking', 'nested-quantifier');
    if (!isMain) return null;
    const seen = hasSignal(bottleneck, 'backtracking', 'nested-quantifier')
      ? ' and a pattern of it backtracks'
      : '';
    return { why: `Regular expressions in ${nameOf(bottleneck)} take ${shareText(bottleneck)}${seen}.` };
  },
  how: 'Rewrite so that each character can be matched in one way only: no quantifier inside a quantified group, separators made mandatory (/^\\w+(?:\\s\\w+)*$/), alternatives that exclude each other, anchors. Limit the input length before matching. Often includes(), startsWith() or a loop over characters does it.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'A rewritten pattern may accept or capture something else; it also closes a denial-of-service hole.',
  },
  affects: ['latency_p99_ms', 'cpu_us_per_request', 'throughput_rps', 'event_loop_delay_p99_ms'],
  needs: [],
  priorFractionOfCeiling: 0.9,
  validation:
    'validate_change must show less CPU per request; tests must compare old and new pattern on matching, nearly matching and long inputs.',
};
