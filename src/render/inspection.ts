import { describeFunctions, place, type FunctionLine } from './bottlenecks.ts';
import { foreignName } from './foreign-text.ts';
import { formatShare } from './number.ts';

export function describeInspection(result: {
  readonly functions: readonly FunctionLine[];
  readonly relatives: readonly {
    readonly depth: number;
    readonly function: string;
    readonly file: string | null;
    readonly line: number | null;
    readonly share: number;
  }[];
  readonly lines: readonly {
    readonly file: string;
    readonly line: number;
    readonly share: number;
    readonly source: string | null;
  }[];
}): string {
  return [
    describeFunctions(result.functions),
    ...result.relatives.map(
      (r) => `${formatShare(r.share).padStart(7)} ${'  '.repeat(Math.min(r.depth, 12))}${place(r)}`,
    ),
    ...result.lines.map(
      (l) =>
        `${formatShare(l.share).padStart(7)} ${foreignName(l.file)}:${l.line}  ${l.source === null ? '(source not in the snapshot)' : foreignName(l.source, 160)}`,
    ),
  ]
    .filter((line) => line !== '')
    .join('\n');
}
