import { InputError } from '../../core/errors.ts';
import { importProfile } from '../../core/importers/index.ts';
import { analyzeProfile, type FunctionCost, type ProfileAnalysis } from '../../core/profile/analyze.ts';
import { displayFile } from '../../core/profile/display-file.ts';
import { mergeProfiles } from '../../core/profile/merge.ts';
import type { Relative } from '../../core/profile/relatives.ts';
import type { Column, Row, ViewContext, ViewRequest } from './view.ts';

/** All threads of the capture as one. */
export async function readProfile({ project, evidence }: ViewContext): Promise<ProfileAnalysis> {
  const threads = [];
  for (const id of evidence.artifact_ids) {
    const { profile } = importProfile(await project.store.artifacts.read(id));
    threads.push({ profile, thread: id });
  }
  return analyzeProfile(mergeProfiles(threads).profile, [evidence.source_root]);
}

export function basisOf({ totals }: ProfileAnalysis): string {
  return `${totals.busySamples} busy samples`;
}

/** The one that was asked for; without a name the heaviest of the project's own. */
export function findFunction(
  analysis: ProfileAnalysis,
  { function: wanted, file }: ViewRequest,
): FunctionCost {
  const heaviest = analysis.functions.filter(
    (cost) => cost.frame.kind === 'js' || cost.frame.kind === 'builtin',
  );
  if (wanted === undefined) {
    const first = heaviest.find((cost) => cost.isUser) ?? heaviest[0];
    if (first) return first;
  }
  const name = wanted?.replace(/\s*\(.*\)$/, '');
  const found = heaviest.find(
    (cost) =>
      cost.frame.name === name &&
      (file === undefined || cost.file === file) &&
      (wanted === name || describeFunction(cost) === wanted),
  );
  if (found) return found;
  const top = heaviest.slice(0, 8).map(describeFunction).join(', ');
  throw new InputError(
    'unknown_id',
    `The profile has no function "${wanted ?? ''}"${file === undefined ? '' : ` in ${file}`}.`,
    { fix: `Use a name from the view "top", for example: ${top}.` },
  );
}

/** "renderCatalogue (src/catalogue.mjs:9)" */
export function describeFunction({ frame, file }: FunctionCost): string {
  return file === undefined
    ? nameOf(frame)
    : `${nameOf(frame)} (${file}${frame.line === undefined ? '' : `:${frame.line}`})`;
}

/** Self, own (self and the built-ins that it called) and total (with everything below it), of busy time. */
export const FUNCTION_COLUMNS: readonly Column[] = [
  { key: 'self_share', title: 'self', as: 'share' },
  { key: 'own_share', title: 'own', as: 'share' },
  { key: 'total_share', title: 'total', as: 'share' },
  { key: 'samples', title: 'samples', as: 'count' },
  { key: 'function', title: 'function', as: 'name' },
];

export function functionRow(cost: FunctionCost): Row {
  return {
    function: describeFunction(cost),
    package: cost.package ?? null,
    self_share: cost.selfShare,
    own_share: cost.ownShare,
    total_share: cost.totalShare,
    samples: cost.totalSamples,
  };
}

export const TREE_COLUMNS: readonly Column[] = [
  { key: 'share', title: 'share', as: 'share' },
  { key: 'function', title: 'function', as: 'tree' },
];

export function treeRow(
  { roots }: ProfileAnalysis,
  { frame, share, depth }: Pick<Relative, 'frame' | 'share'> & { readonly depth: number },
): Row {
  const file = frame.file === undefined ? '' : displayFile(frame.file, roots);
  const place = file === '' ? '' : ` (${file}${frame.line === undefined ? '' : `:${frame.line}`})`;
  return { depth, function: `${nameOf(frame)}${place}`, share };
}

function nameOf({ name }: FunctionCost['frame']): string {
  return name === '' ? '(anonymous)' : name;
}
