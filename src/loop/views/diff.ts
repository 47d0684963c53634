import { InputError } from '../../core/errors.ts';
import type { Evidence } from '../../core/model/evidence.ts';
import { compareProfiles, type FunctionDifference } from '../../core/profile/difference.ts';
import { describeFunction, readProfile } from './profile-evidence.ts';
import type { Column, Row, View, ViewContext } from './view.ts';

/** Functions that neither profile gives more than this are noise of both. */
const SHOWN_SHARE = 0.002;

const COLUMNS: readonly Column[] = [
  { key: 'before', title: 'own before', as: 'share' },
  { key: 'after', title: 'own after', as: 'share' },
  { key: 'change', title: 'change', as: 'share' },
  { key: 'low', title: 'from', as: 'share' },
  { key: 'high', title: 'to', as: 'share' },
  { key: 'clear', title: 'clear', as: 'text' },
  { key: 'function', title: 'function', as: 'name' },
];

/** A profile against the one that was taken of the same workload, in the same way, before it. */
export const diffView: View = {
  name: 'diff',
  of: 'cpu-profile',
  async show(context) {
    const { project, evidence } = context;
    const earlier = await findEarlier(context);
    const before = await readProfile({ project, evidence: earlier });
    const after = await readProfile(context);
    return {
      subject: `${earlier.id} (${earlier.created_at}) to ${evidence.id}`,
      columns: COLUMNS,
      rows: compareProfiles(before, after)
        .filter((difference) => Math.max(difference.before, difference.after) >= SHOWN_SHARE)
        .map(toRow),
      basis: `${before.totals.busySamples} busy samples before, ${after.totals.busySamples} after; shares of the busy time of each, so what stays as it is gains when the rest shrinks`,
    };
  },
};

async function findEarlier({ project, evidence }: ViewContext): Promise<Evidence> {
  const older = await project.store.bottlenecks.evidenceBefore(evidence);
  // The two profiles of a run differ by inlining; only like is compared with like.
  const earlier = older.find(({ kind, title }) => kind === evidence.kind && title === evidence.title);
  if (earlier) return earlier;
  throw new InputError(
    'unknown_id',
    `There is no earlier evidence of workload "${evidence.workload}" like "${evidence.id}" (${evidence.title}).`,
    {
      fix: 'Run find_bottlenecks before and after a change, then ask for the view "diff" of the later evidence.',
      next: [
        { tool: 'find_bottlenecks', arguments: { workload: evidence.workload }, why: 'capture evidence' },
      ],
    },
  );
}

function toRow({ cost, before, after, change, interval, isClear }: FunctionDifference): Row {
  return {
    function: describeFunction(cost),
    package: cost.package ?? null,
    before,
    after,
    change,
    low: interval[0],
    high: interval[1],
    clear: isClear ? 'yes' : 'no',
  };
}
