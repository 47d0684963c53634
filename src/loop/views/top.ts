import type { FunctionCost } from '../../core/profile/analyze.ts';
import { basisOf, FUNCTION_COLUMNS, functionRow, readProfile } from './profile-evidence.ts';
import type { View } from './view.ts';

export const topView: View = {
  name: 'top',
  of: 'cpu-profile',
  async show(context, { filter }) {
    const analysis = await readProfile(context);
    return {
      subject: filter ?? null,
      columns: FUNCTION_COLUMNS,
      rows: analysis.functions.filter((cost) => isOfPackage(cost, filter)).map(functionRow),
      basis: basisOf(analysis),
    };
  },
};

function isOfPackage({ isUser, package: name }: FunctionCost, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  return wanted === 'user' ? isUser : name === wanted;
}
