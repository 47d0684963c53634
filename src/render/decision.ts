import { describeDifference } from '../core/behaviour/describe.ts';
import type { Comparison, Experiment } from '../core/model/experiment.ts';
import type { Decision } from '../core/model/guard.ts';
import type { Snapshot } from '../core/model/measurement.ts';
import { METRICS } from '../core/model/metrics.ts';
import { describeVerdict } from './experiment.ts';
import { foreignName, quoteForeignText } from './foreign-text.ts';
import { formatMetric, formatMetricChange, formatShare } from './number.ts';
import { renderTable } from './table.ts';
import { describeLoad } from './workloads.ts';

const NUMBERS = ['metric', 'role', 'baseline', 'candidate', 'change', 'verdict'].map((title) => ({ title }));
const GOALS = ['goal', 'baseline', 'candidate'].map((title) => ({ title }));
const ROLES: Readonly<Record<Comparison['role'], number>> = { primary: 0, guardrail: 1, reported: 2 };
/** What stands at a flagged place; longer lines are cut. */
const FLAG_CHARACTERS = 100;

type Decided = Pick<Decision, 'title' | 'kind' | 'rationale' | 'created_at'>;

/** The same change, judged on another workload in the same run. */
type Elsewhere = Pick<Experiment, 'workload' | 'reason'> & { readonly verdict: string };

/**
 * A decision file that a reviewer would accept in a pull request: what was decided and why, the numbers with their intervals,
 * what they cost elsewhere, whether the program still does the same, what speaks against it, and how to measure it again. It
 * stands alone: who reads it has no history.
 */
export function renderDecision(
  id: string,
  experiment: Experiment,
  decision: Decided,
  elsewhere: readonly Elsewhere[] = [],
): string {
  const sections: readonly (readonly [string, string])[] = [
    ['Why', decision.rationale.trim()],
    ['Hypothesis', experiment.hypothesis ?? ''],
    ['Numbers', describeNumbers(experiment)],
    ['Goals and constraints', describeGoals(experiment)],
    ['The same change on other workloads', list(elsewhere.map(describeElsewhere))],
    ['Is it still right?', describeCorrectness(experiment)],
    ['Did the blamed cost shrink?', describeMechanism(experiment)],
    ['To look at', describeFlags(experiment)],
    ['What weakens it', list(experiment.warnings.map(({ message }) => foreignName(message, 500)))],
    ['Change', describeChange(experiment)],
    ['How it was measured', describeMethod(experiment)],
  ];
  return [
    `# ${id}. ${foreignName(decision.title)}`,
    describeHead(experiment, decision),
    ...sections.flatMap(([title, text]) => (text === '' ? [] : [`## ${title}`, text])),
    '',
  ].join('\n\n');
}

function describeHead(experiment: Experiment, { kind, created_at }: Decided): string {
  const doubts = kind === 'keep' ? doubtsOf(experiment) : [];
  const though = doubts.length === 0 ? '' : ` though ${doubts.join(', and ')}`;
  return [
    `- Decision: **${kind}**${though}`,
    `- Date: ${created_at.slice(0, 10)}`,
    `- Workload: ${experiment.workload}`,
    `- Verdict: ${describeVerdict(experiment)}`,
  ].join('\n');
}

/** What somebody who keeps a change accepts, whether the rationale says so or not. */
function doubtsOf({ verdict, comparisons, objectives }: Experiment): readonly string[] {
  const worse = comparisons.filter((c) => c.role === 'guardrail' && c.verdict === 'regressed');
  const broken = objectives.flatMap(({ side, status: { status, constraint } }) =>
    side === 'candidate' && status === 'missed' && constraint !== undefined ? [constraint] : [],
  );
  return [
    ...(verdict === 'improved' ? [] : [`the verdict is "${verdict}"`]),
    ...worse.map(
      (c) => `${METRICS[c.metric].title} regressed (${formatMetricChange(c.metric, c.change, c.interval)})`,
    ),
    ...broken.map((name) => `constraint ${name} is broken`),
  ];
}

/** What decides first, then what may not get worse, then the rest. */
function describeNumbers({ comparisons, blocks }: Experiment): string {
  if (comparisons.length === 0)
    return blocks === 0 ? 'Nothing was timed.' : `It ended after ${blocks} blocks, too early to compare.`;
  const rows = [...comparisons]
    .sort((a, b) => ROLES[a.role] - ROLES[b.role])
    .map((c) => {
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
  const confidence = comparisons.find(({ role }) => role === 'primary')?.confidence ?? null;
  const how =
    confidence === null
      ? ''
      : `; intervals of the primary metric hold with ${formatShare(confidence)} over all looks`;
  return `${renderTable(NUMBERS, rows)}\n\nMedians of ${blocks} fresh processes a side, changes of pairs measured side by side${how}. "Reported" metrics were not tested.`;
}

function describeGoals({ objectives }: Experiment): string {
  const statusOf = (side: 'baseline' | 'candidate') =>
    objectives.filter((one) => one.side === side).map(({ status }) => status);
  const before = statusOf('baseline');
  const rows = statusOf('candidate').map((after) => {
    const { constraint, metric, bound, target } = after;
    const same = before.find(
      (one) => one.constraint === constraint && one.metric === metric && one.bound === bound,
    );
    const name = constraint === undefined ? '' : `constraint ${constraint}: `;
    const word = ({ status, value }: typeof after) =>
      `${status.replaceAll('_', ' ')}${value === null ? '' : ` (${formatMetric(metric, value)})`}`;
    return [
      `${name}${METRICS[metric].title} ${bound === 'max' ? '≤' : '≥'} ${formatMetric(metric, target)}`,
      same ? word(same) : 'not measured',
      word(after),
    ];
  });
  return rows.length === 0 ? '' : renderTable(GOALS, rows);
}

function describeElsewhere({ workload, verdict, reason }: Elsewhere): string {
  return `${workload}: **${verdict}**, ${foreignName(reason, 300)}`;
}

function describeCorrectness({ tests, behaviour, failure }: Experiment): string {
  const command = tests.command === undefined ? '' : ` (\`${foreignName(tests.command.join(' '))}\`)`;
  const printed =
    tests.status === 'passed' || tests.output_tail === undefined || tests.output_tail === ''
      ? []
      : [quoteForeignText(tests.output_tail)];
  const masked =
    behaviour.masked.length === 0
      ? ''
      : ` Left out, because it differs between runs of the baseline: ${behaviour.masked.map((place) => foreignName(place)).join('; ')}.`;
  const [smallest] = behaviour.differences;
  const answers = {
    equal: `Answers: equal on both sides for ${behaviour.compared} inputs.${masked}`,
    changed: `Answers: **changed**, ${behaviour.differing} differences, the smallest ${smallest === undefined ? '' : foreignName(describeDifference(smallest), 300)}`,
    not_checked: 'Answers: not compared.',
  }[behaviour.status];
  const failed =
    failure === null ? [] : [`- The ${failure.side} failed: ${foreignName(failure.message, 300)}`];
  return [
    `- Tests: ${tests.status.replaceAll('_', ' ')}${command}`,
    ...printed,
    `- ${answers}`,
    ...failed,
  ].join('\n');
}

function describeMechanism({ mechanism, prediction }: Experiment): string {
  if (!mechanism) return '';
  const { status, reason, blamed, of, baseline, candidate } = mechanism;
  const values =
    baseline && candidate
      ? `: ${formatShare(baseline.value)} → ${formatShare(candidate.value)} of ${of}`
      : '';
  const ceiling = prediction
    ? ` The finding allowed a gain of ${formatShare(prediction.ceiling)} at most; ${formatShare(prediction.observed)} came.`
    : '';
  return `${foreignName(blamed)}${values}. **${status.replaceAll('_', ' ')}**: ${reason}.${ceiling}`;
}

function describeFlags({ review_flags }: Experiment): string {
  const places = review_flags.map(({ kind, file, line, text }) => {
    const place = `\`${foreignName(file)}${line === null ? '' : `:${line}`}\``;
    return `${kind}: ${place}${line === null ? '' : ` \`${foreignName(text, FLAG_CHARACTERS).replaceAll('`', "'")}\``}`;
  });
  return places.length === 0
    ? ''
    : `Places where a number can get better without the program getting faster; reasons to look, not accusations.\n\n${list(places)}`;
}

function describeChange({
  changed_files,
  baseline_snapshot,
  candidate_snapshot,
  against,
}: Experiment): string {
  const files = changed_files.map(
    ({ path, added, removed }) => `\`${foreignName(path)}\` (+${added} −${removed})`,
  );
  const from = against === null ? '' : ` (${against.kind} ${foreignName(against.name)})`;
  return [
    files.length === 0 ? 'No files.' : list(files),
    '',
    `From ${describeCode(baseline_snapshot)}${from} to ${describeCode(candidate_snapshot)}.`,
  ].join('\n');
}

/** A reviewer has commits, not snapshots. */
function describeCode({ id, head }: Snapshot): string {
  if (head === undefined) return `snapshot \`${id}\``;
  const branch = head.branch === undefined ? '' : ` of ${foreignName(head.branch)}`;
  return `${head.dirty ? 'a working tree on ' : ''}commit \`${head.commit.slice(0, 12)}\`${branch} (snapshot \`${id}\`)`;
}

function describeMethod(experiment: Experiment): string {
  const { blocks, dropped_blocks, effort, seed, alpha, attempt, attempt_of_baseline, load, machine } =
    experiment;
  const tries =
    attempt_of_baseline > 1
      ? `Comparison ${attempt_of_baseline} against this baseline${attempt > 1 ? `, ${attempt} of this very change` : ''}.`
      : 'The first comparison against this baseline.';
  const dropped = dropped_blocks === 0 ? '' : `, ${dropped_blocks} more dropped because a process failed`;
  const commit = experiment.baseline_snapshot.head;
  const against = commit === undefined || commit.dirty ? experiment.baseline_id : commit.commit;
  const again = { workload: experiment.workload, against, effort };
  return `${blocks} randomized blocks of one fresh process a side${dropped} (effort ${effort}, seed ${seed}, alpha ${alpha}), under ${describeLoad(load)}, on ${machine.cpu_model} (${machine.cores} cores, ${machine.platform}), Node.js ${machine.node}. ${tries}

To measure it again, with the candidate in the working tree: \`validate_change ${JSON.stringify(again)}\`.

Records: experiment \`${experiment.id}\`, baseline \`${experiment.baseline_id}\`${experiment.strategy_id === null ? '' : `, strategy \`${experiment.strategy_id}\``}.`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
