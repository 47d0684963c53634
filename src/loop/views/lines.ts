import { displayFile } from '../../core/profile/display-file.ts';
import { hotLinesOfFile, hotLinesOfFunction } from '../../core/profile/hot-lines.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { basisOf, describeFunction, findFunction, readProfile } from './profile-evidence.ts';
import type { View } from './view.ts';

export const linesView: View = {
  name: 'lines',
  of: 'cpu-profile',
  async show(context, request) {
    const { project, evidence } = context;
    const analysis = await readProfile(context);
    const wholeFile = request.function === undefined && request.file !== undefined;
    const cost = wholeFile ? null : findFunction(analysis, request);
    const file = cost?.file ?? request.file ?? '';
    const hot = cost
      ? hotLinesOfFunction(analysis, cost.frameIndex)
      : hotLinesOfFile(analysis, file, (path) => displayFile(path, analysis.roots));
    const source =
      (await project.snapshots.readFile(evidence.snapshot, file)) ??
      (await project.files.readPackageSource(file));
    const text = source?.split('\n');
    return {
      subject: cost === null ? file : describeFunction(cost),
      columns: [
        { key: 'share', title: 'share', as: 'share' },
        { key: 'place', title: 'line', as: 'name' },
        { key: 'source', title: 'source', as: 'text' },
      ],
      rows: hot.map(({ line, share }) => ({
        share,
        place: `${file}:${line}`,
        source: text?.[line - 1]?.trim() ?? '(source not found)',
      })),
      basis: basisOf(analysis),
      warnings: hot.length === 0 ? [WARNINGS.no_lines()] : [],
    };
  },
};
