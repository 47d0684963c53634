import { InputError } from '../core/errors.ts';
import { importProfile } from '../core/importers/index.ts';
import type { Evidence } from '../core/model/evidence.ts';
import type { Project } from '../core/ports/project.ts';
import { analyzeProfile, type FunctionCost, type ProfileAnalysis } from '../core/profile/analyze.ts';
import { findHeaviestPath } from '../core/profile/heaviest-path.ts';
import { displayFile } from '../core/profile/display-file.ts';
import { hotLinesOfFile, hotLinesOfFunction } from '../core/profile/hot-lines.ts';
import { mergeProfiles } from '../core/profile/merge.ts';
import { calleesOf, callersOf, type Relative } from '../core/profile/relatives.ts';

export type View = 'top' | 'callers' | 'callees' | 'lines' | 'path';

export interface InspectRequest {
  readonly evidence_id?: string | undefined;
  readonly bottleneck_id?: string | undefined;
  readonly view: View;
  /** A function by name, or by `name (file:line)` where several have it. */
  readonly function?: string | undefined;
  readonly file?: string | undefined;
  /** `user` for the project's own code, or an npm package. */
  readonly package?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface FunctionRow {
  readonly function: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly package: string | null;
  readonly self_share: number;
  readonly own_share: number;
  readonly total_share: number;
  readonly samples: number;
}

export interface RelativeRow {
  readonly depth: number;
  readonly function: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly share: number;
}

export interface LineRow {
  readonly file: string;
  readonly line: number;
  readonly share: number;
  readonly source: string | null;
}

export interface Inspection {
  readonly evidence: Evidence;
  readonly busySamples: number;
  readonly subject: FunctionRow | null;
  readonly functions: readonly FunctionRow[];
  readonly relatives: readonly RelativeRow[];
  readonly lines: readonly LineRow[];
  /** Rows before and after the page. */
  readonly total: number;
}

/** Drills into one profile: bounded views, so that an agent pays for the part that it asked for. */
export async function inspectEvidence(project: Project, request: InspectRequest): Promise<Inspection> {
  const evidence = await findEvidence(project, request);
  const analysis = await analyze(project, evidence);
  const empty = {
    evidence,
    busySamples: analysis.totals.busySamples,
    subject: null,
    functions: [],
    relatives: [],
    lines: [],
    total: 0,
  };
  const page = <T>(rows: readonly T[]) => rows.slice(request.offset, request.offset + request.limit);
  switch (request.view) {
    case 'top': {
      const rows = analysis.functions.filter((cost) => matchesPackage(cost, request.package)).map(toRow);
      return { ...empty, functions: page(rows), total: rows.length };
    }
    case 'path': {
      const rows = findHeaviestPath(analysis).map((step, depth) => place(analysis, { ...step, depth }));
      return { ...empty, relatives: page(rows), total: rows.length };
    }
    case 'callers':
    case 'callees': {
      const cost = findFunction(analysis, request);
      const find = request.view === 'callers' ? callersOf : calleesOf;
      const rows = flatten(analysis, find(analysis, cost.frameIndex), 0);
      return { ...empty, subject: toRow(cost), relatives: page(rows), total: rows.length };
    }
    case 'lines': {
      const cost =
        request.function === undefined && request.file !== undefined ? null : findFunction(analysis, request);
      const file = cost?.file ?? request.file ?? '';
      const hot = cost
        ? hotLinesOfFunction(analysis, cost.frameIndex)
        : hotLinesOfFile(analysis, file, (path) => displayFile(path, analysis.roots));
      const text = (await project.snapshots.readFile(evidence.snapshot, file))?.split('\n');
      const rows = hot.map(({ line, share }) => ({
        file,
        line,
        share,
        source: text?.[line - 1]?.trim() ?? null,
      }));
      return { ...empty, subject: cost && toRow(cost), lines: page(rows), total: rows.length };
    }
  }
}

async function findEvidence(
  project: Project,
  { evidence_id, bottleneck_id }: InspectRequest,
): Promise<Evidence> {
  const wanted = bottleneck_id ?? evidence_id;
  const id =
    evidence_id ??
    (bottleneck_id === undefined
      ? (await project.store.bottlenecks.latestEvidence())[0]?.id
      : (await project.store.bottlenecks.get(bottleneck_id))?.evidence_ids[0]);
  const found = id === undefined ? undefined : await project.store.bottlenecks.evidence(id);
  if (found) return found;
  throw new InputError(
    'unknown_id',
    wanted === undefined ? 'There is no evidence yet.' : `There is no evidence for "${wanted}".`,
    {
      fix: 'Use an evidence_id or bottleneck_id of find_bottlenecks.',
      next: [{ tool: 'find_bottlenecks', arguments: {}, why: 'capture evidence' }],
    },
  );
}

async function analyze(project: Project, evidence: Evidence): Promise<ProfileAnalysis> {
  const threads = [];
  for (const id of evidence.artifact_ids) {
    const { profile } = importProfile(await project.store.artifacts.read(id));
    threads.push({ profile, thread: id });
  }
  return analyzeProfile(mergeProfiles(threads).profile, [evidence.source_root]);
}

function matchesPackage({ isUser, package: name }: FunctionCost, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  return wanted === 'user' ? isUser : name === wanted;
}

function findFunction(analysis: ProfileAnalysis, { function: wanted, file }: InspectRequest): FunctionCost {
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
      (wanted === name || describe(cost) === wanted),
  );
  if (found) return found;
  const top = heaviest.slice(0, 8).map(describe).join(', ');
  throw new InputError(
    'unknown_id',
    `The profile has no function "${wanted ?? ''}"${file === undefined ? '' : ` in ${file}`}.`,
    {
      fix: `Use a name from the view "top", for example: ${top}.`,
    },
  );
}

function describe({ frame, file }: FunctionCost): string {
  return file === undefined
    ? frame.name
    : `${frame.name} (${file}${frame.line === undefined ? '' : `:${frame.line}`})`;
}

export function toRow(cost: FunctionCost): FunctionRow {
  return {
    function: cost.frame.name === '' ? '(anonymous)' : cost.frame.name,
    file: cost.file ?? null,
    line: cost.frame.line ?? null,
    package: cost.package ?? null,
    self_share: cost.selfShare,
    own_share: cost.ownShare,
    total_share: cost.totalShare,
    samples: cost.totalSamples,
  };
}

function place(
  analysis: ProfileAnalysis,
  step: { readonly frame: Relative['frame']; readonly share: number; readonly depth: number },
): RelativeRow {
  const { frame, share, depth } = step;
  return {
    depth,
    function: frame.name === '' ? '(anonymous)' : frame.name,
    file: frame.file === undefined ? null : displayFile(frame.file, analysis.roots),
    line: frame.line ?? null,
    share,
  };
}

function flatten(analysis: ProfileAnalysis, relative: Relative, depth: number): readonly RelativeRow[] {
  return relative.relatives.flatMap((child) => [
    place(analysis, { ...child, depth }),
    ...flatten(analysis, child, depth + 1),
  ]);
}
