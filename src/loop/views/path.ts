import { findHeaviestPath } from '../../core/profile/heaviest-path.ts';
import { basisOf, readProfile, TREE_COLUMNS, treeRow } from './profile-evidence.ts';
import type { View } from './view.ts';

export const pathView: View = {
  name: 'path',
  of: 'cpu-profile',
  async show(context) {
    const analysis = await readProfile(context);
    return {
      subject: null,
      columns: TREE_COLUMNS,
      rows: findHeaviestPath(analysis).map((step, depth) => treeRow(analysis, { ...step, depth })),
      basis: basisOf(analysis),
    };
  },
};
