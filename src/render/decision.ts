import type { Experiment } from '../core/model/experiment.ts';
import type { Decision } from '../core/model/guard.ts';
import { METRICS } from '../core/model/metrics.ts';
import { foreignName } from './foreign-text.ts';
import { formatMetric, formatMetricChange } from './number.ts';
import { describeVerdict } from './experiment.ts';
import { renderTable } from './table.ts';
import { describeLoad } from './workloads.ts';

const COLUMNS = ['metric', 'role', 'baseline', 'candidate', 'change', 'verdict'].map((title) => ({ title }));

/** A decision file that a reviewer would accept in a pull request: what, why, the numbers, how they were measured. */
export function renderDecision(
  id: string,
  experiment: Experiment,
  decision: Pick<Decision, 'title' | 'kind' | 'rationale' | 'created_at'>,
): string {
  const rows = experiment.comparisons.map((c) => {
    const value = (side: number | null) => (side === null ? '' : formatMetric(c.metric, side));
    return [
      METRICS[c.metric].title,
      c.role,
      value(c.baseline),
      value(c.candidate),
      formatMetricChange(c.metric, c.change, c.interval),
      c.role === 'reported' ? '' : c.verdict,
    ];
  });
  const files = experiment.changed_files.map(
    (file) => `- \`${foreignName(file.path)}\` (+${file.added} −${file.removed})`,
  );
  return `# ${id}. ${foreignName(decision.title)}

- Decision: **${decision.kind}**
- Date: ${decision.created_at.slice(0, 10)}
- Workload: ${experiment.workload}
- Verdict: **${experiment.verdict}**. ${describeVerdict(experiment)}

## Why

${decision.rationale.trim()}

## Hypothesis

${experiment.hypothesis === null ? 'None was given.' : experiment.hypothesis}

## Numbers

${rows.length === 0 ? 'Nothing was timed.' : renderTable(COLUMNS, rows)}

## Change

${files.length === 0 ? 'No files.' : files.join('\n')}

## How it was measured

${experiment.blocks} randomized blocks of fresh processes (effort ${experiment.effort}, seed ${experiment.seed}, alpha ${experiment.alpha}, attempt ${experiment.attempt}${experiment.attempt_of_baseline > 1 ? `; comparison ${experiment.attempt_of_baseline} against this baseline` : ''}), ${describeLoad(experiment.load)}, on ${experiment.machine.cpu_model} (${experiment.machine.cores} cores), Node.js ${experiment.machine.node}. Tests: ${experiment.tests.status.replaceAll('_', ' ')}.
Records: experiment \`${experiment.id}\`, baseline \`${experiment.baseline_id}\`${experiment.strategy_id === null ? '' : `, strategy \`${experiment.strategy_id}\``}, snapshots \`${experiment.baseline_snapshot.id}\` and \`${experiment.candidate_snapshot.id}\`.
`;
}
