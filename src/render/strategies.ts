import { METRICS, type MetricName } from '../core/model/metrics.ts';
import type { Strategy } from '../core/model/strategy.ts';
import { foreignName } from './foreign-text.ts';
import { formatShare } from './number.ts';

type Row = Pick<Strategy, 'id' | 'title' | 'layer' | 'why' | 'how' | 'trade_offs' | 'conflicts' | 'tried'> & {
  readonly ceiling: { readonly metric: string; readonly gain: number } | null;
};

export function describeStrategies(strategies: readonly Row[]): string {
  return strategies
    .map((s, index) => {
      const { complexity, correctness_risk, operational_risk, notes } = s.trade_offs;
      const ceiling =
        s.ceiling === null
          ? 'no measured ceiling'
          : `at most ${formatShare(s.ceiling.gain)} of ${titleOf(s.ceiling.metric)}`;
      const lines = [
        `${index + 1}. ${foreignName(s.title)} [${s.id}, ${s.layer}], ${ceiling}`,
        `   why: ${foreignName(s.why, 300)}`,
        `   how: ${s.how}`,
        `   trade-offs: complexity ${complexity}, correctness risk ${correctness_risk}, operational risk ${operational_risk}. ${notes}`,
      ];
      for (const conflict of s.conflicts)
        lines.push(`   CONFLICT with ${conflict.constraint}: ${conflict.reason}`);
      for (const tried of s.tried)
        lines.push(`   tried in ${tried.experiment_id}: ${tried.verdict}, ${tried.decision ?? 'undecided'}`);
      return lines.join('\n');
    })
    .join('\n');
}

function titleOf(metric: string): string {
  return metric in METRICS ? METRICS[metric as MetricName].title : metric;
}

export function describeGrade(grade: {
  readonly grade: string;
  readonly checks: readonly { readonly check: string; readonly outcome: string; readonly text: string }[];
}): string {
  return [
    `your proposal: ${grade.grade}`,
    ...grade.checks.map((c) => `  ${c.outcome} ${c.check}: ${foreignName(c.text, 300)}`),
  ].join('\n');
}
