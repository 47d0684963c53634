import type { Goals } from '../core/model/goals.ts';
import { METRICS } from '../core/model/metrics.ts';
import { formatMetric } from './number.ts';
import { describeWorkload } from './workloads.ts';

export function describeGoals(
  goals: Goals,
  missing: readonly { readonly what: string; readonly why: string }[],
  found: readonly string[],
): string {
  const lines: string[] = [];
  for (const item of found) lines.push(`found ${item}`);
  for (const w of goals.workloads) {
    lines.push(...describeWorkload(w));
  }
  for (const o of goals.objectives) {
    const bound =
      o.max === undefined
        ? `>= ${formatMetric(o.metric, o.min ?? 0)}`
        : `<= ${formatMetric(o.metric, o.max)}`;
    lines.push(
      `objective ${o.workload}: ${METRICS[o.metric].title} ${bound}${o.primary === true ? ' (primary)' : ''}${o.draft === true ? ' [draft]' : ''}`,
    );
  }
  for (const c of goals.constraints) {
    const limit =
      c.metric === undefined
        ? ''
        : ` ${METRICS[c.metric].title} ${c.max === undefined ? `>= ${formatMetric(c.metric, c.min ?? 0)}` : `<= ${formatMetric(c.metric, c.max)}`}`;
    const forbids = c.forbids === undefined ? '' : ` forbids ${c.forbids.join(', ')}`;
    lines.push(
      `constraint ${c.name} (${c.kind}):${limit}${forbids}${c.text === undefined ? '' : ` "${c.text}"`}${c.draft === true ? ' [draft]' : ''}`,
    );
  }
  for (const m of missing) lines.push(`open: ${m.what}: ${m.why}`);
  return lines.join('\n');
}
