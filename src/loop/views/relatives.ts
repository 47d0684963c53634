import type { ProfileAnalysis } from '../../core/profile/analyze.ts';
import { calleesOf, callersOf, type Relative } from '../../core/profile/relatives.ts';
import {
  basisOf,
  describeFunction,
  findFunction,
  readProfile,
  TREE_COLUMNS,
  treeRow,
} from './profile-evidence.ts';
import type { Row, View } from './view.ts';

function relativesView(name: string, find: (analysis: ProfileAnalysis, frame: number) => Relative): View {
  return {
    name,
    of: 'cpu-profile',
    async show(context, request) {
      const analysis = await readProfile(context);
      const cost = findFunction(analysis, request);
      return {
        subject: describeFunction(cost),
        columns: TREE_COLUMNS,
        rows: flatten(analysis, find(analysis, cost.frameIndex), 0),
        basis: basisOf(analysis),
      };
    },
  };
}

export const callersView = relativesView('callers', callersOf);
export const calleesView = relativesView('callees', calleesOf);

function flatten(analysis: ProfileAnalysis, relative: Relative, depth: number): readonly Row[] {
  return relative.relatives.flatMap((child) => [
    treeRow(analysis, { ...child, depth }),
    ...flatten(analysis, child, depth + 1),
  ]);
}
