import { hotLinesOfFunction } from '../profile/hot-lines.ts';
import type { HotLine } from '../profile/hot-lines.ts';
import type { FunctionCost, ProfileAnalysis } from '../profile/analyze.ts';
import type { Frame } from '../profile/model.ts';
import { findPareto } from '../profile/pareto.ts';
import type { RuntimeCategory } from '../profile/runtime-calls.ts';

/**
 * V8 (measured on Node.js 20) has no frames for JSON, Array.prototype.sort, nor for regular expressions that were
 * compiled before the profiler started: their time is self time of the line that calls them. With inlining off, self
 * time of a line is its own code and the built-ins it calls, so the text of a hot line says what they are.
 * A pattern on text can be wrong (a method `.test(` of one's own); findings from it are never of high confidence.
 */
interface LineRule {
  readonly pattern: RegExp;
  readonly name: string;
  readonly category: RuntimeCategory;
}

const LINE_RULES: readonly LineRule[] = [
  { pattern: /\bJSON\s*\.\s*stringify\s*\(/, name: 'JSON.stringify', category: 'json' },
  { pattern: /\bJSON\s*\.\s*parse\s*\(/, name: 'JSON.parse', category: 'json' },
  { pattern: /\.\s*(?:sort|toSorted)\s*\(/, name: 'Array.sort', category: 'sort' },
  {
    pattern: /\.\s*(?:test|exec|match|matchAll|search)\s*\(|\.\s*(?:replace|replaceAll|split)\s*\(\s*\//,
    name: 'RegExp',
    category: 'regexp',
  },
  { pattern: /\bstructuredClone\s*\(|\bcloneDeep\s*\(/, name: 'structuredClone', category: 'clone' },
  {
    // Without arguments localeCompare uses a collator that the engine keeps.
    pattern:
      /\bIntl\s*\.\s*[A-Z]\w*\s*\(|\.\s*toLocale(?:Date|Time)?String\s*\(|\.\s*localeCompare\s*\([^()]*(?:\([^()]*\))?[^()]*,/,
    name: 'Intl',
    category: 'intl',
  },
  {
    pattern: /\.\s*(?:find|findIndex|filter|includes|indexOf|some|every)\s*\(/,
    name: 'Array.find',
    category: 'search',
  },
];

/** A kind of work under a function, seen as a frame or read from a hot line. */
export interface SeenWork {
  readonly name: string;
  readonly category: RuntimeCategory;
  readonly weight: number;
  /** Of busy weight, [0, 1]. */
  readonly share: number;
  readonly seenBy: 'frame' | 'line';
  readonly lines: readonly number[];
  readonly patterns: readonly string[];
}

/** Everything that is known about what a function's own time goes to, heaviest first. */
export function seeWork(
  analysis: ProfileAnalysis,
  cost: FunctionCost,
  sources: ReadonlyMap<string, readonly string[]>,
): readonly SeenWork[] {
  const fromFrames = cost.calls.map((call): SeenWork => ({
    name: call.name,
    category: call.category,
    weight: call.weight,
    share: call.share,
    seenBy: 'frame',
    lines: [],
    patterns: call.patterns,
  }));
  return [...fromFrames, ...readHotLines(analysis, cost, sources)].sort((a, b) => b.weight - a.weight);
}

function readHotLines(
  analysis: ProfileAnalysis,
  cost: FunctionCost,
  sources: ReadonlyMap<string, readonly string[]>,
): readonly SeenWork[] {
  const text = cost.file === undefined ? undefined : sources.get(cost.file);
  if (text === undefined) return [];
  const lines = hotLinesOfFunction(analysis, cost.frameIndex);
  return LINE_RULES.flatMap((rule) => {
    const matching = lines.filter(({ line }) => rule.pattern.test(codeOfLine(text, line, cost.frame)));
    if (matching.length === 0) return [];
    return [
      {
        name: rule.name,
        category: rule.category,
        weight: matching.reduce((sum, line) => sum + line.weight, 0),
        share: matching.reduce((sum, line) => sum + line.share, 0),
        seenBy: 'line' as const,
        lines: matching.map(({ line }) => line),
        patterns: rule.category === 'regexp' ? matching.flatMap(({ line }) => patternsNear(text, line)) : [],
      },
    ];
  });
}

/** Whether a line does work of a kind that has a detector, by its text. */
export function matchesOtherWork(code: string): boolean {
  return LINE_RULES.some(({ pattern, category }) => category !== 'search' && pattern.test(code));
}

/** What a function does on a line, without comments. */
export function codeOfLine(text: readonly string[], line: number, frame: Frame): string {
  return stripComment(ownText(text, line, frame));
}

/** The lines of the function that begins on a line, as far as its braces tell; one line where it has none. */
export function textOfFunction(text: readonly string[], start: number): readonly string[] {
  let open = 0;
  let opened = false;
  for (let line = start; line <= text.length; line++) {
    const code = stripComment(text[line - 1] ?? '');
    open += (code.match(/\{/g)?.length ?? 0) - (code.match(/\}/g)?.length ?? 0);
    opened ||= code.includes('{');
    if (opened && open <= 0) return text.slice(start - 1, line);
  }
  return text.slice(start - 1, opened ? text.length : start);
}

/** A callback that begins on the line which passes it must not be taken for the call: its text begins at its column. */
function ownText(text: readonly string[], line: number, frame: Frame): string {
  const code = text[line - 1] ?? '';
  return line === frame.line && frame.column !== undefined ? code.slice(frame.column - 1) : code;
}

function stripComment(line: string): string {
  return line.replace(/^\s*(?:\/\/|\*|\/\*).*$/, '').replace(/\s\/\/.*$/, '');
}

const REGEXP_LITERAL = /(?:^|[=(,:;!&|?{}[\s])\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*/g;

/** Literals on the line, and literals that a constant used on the line is set to anywhere in the file. */
function patternsNear(text: readonly string[], line: number): readonly string[] {
  const hot = text[line - 1] ?? '';
  const direct = literals(hot);
  const names = [...hot.matchAll(/\b([A-Za-z_$][\w$]*)\s*\.\s*(?:test|exec)\s*\(/g)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
  const declared = names.flatMap((name) =>
    text
      .filter((other) => new RegExp(`\\b${name.replaceAll('$', '\\$')}\\s*=\\s*/`).test(other))
      .flatMap(literals),
  );
  return [...new Set([...direct, ...declared])];
}

function literals(line: string): readonly string[] {
  return [...line.matchAll(REGEXP_LITERAL)].flatMap(([, source]) => (source === undefined ? [] : [source]));
}

const LOOP = /\b(?:for|while)\b\s*(?:await\s*)?\(|\bdo\s*\{/;
const ITERATION =
  /\.\s*(?:forEach|map|flatMap|reduce|filter|some|every|find|findIndex|findLast|includes|indexOf|lastIndexOf)\s*\(/;

/** How many loops enclose the hottest line of a function, by its text; undefined when the text isn't there. */
export function countEnclosingLoops(
  analysis: ProfileAnalysis,
  cost: FunctionCost,
  sources: ReadonlyMap<string, readonly string[]>,
): number | undefined {
  const text = cost.file === undefined ? undefined : sources.get(cost.file);
  const start = cost.frame.line;
  const [hottest] = hotLinesOfFunction(analysis, cost.frameIndex);
  if (text === undefined || start === undefined || hottest === undefined || hottest.line < start)
    return undefined;
  const hot = stripComment(text[hottest.line - 1] ?? '');
  let loops = LOOP.test(hot) || ITERATION.test(hot) ? 1 : 0;
  let openBlocks = 0;
  let enclosing = 0;
  for (let line = hottest.line - 1; line >= start; line--) {
    const code = stripComment(text[line - 1] ?? '');
    openBlocks += (code.match(/\{/g)?.length ?? 0) - (code.match(/\}/g)?.length ?? 0);
    const opens = openBlocks > enclosing;
    if (opens) enclosing = openBlocks;
    // A loop without braces has its whole body on the next line.
    const headsNextLine = line === hottest.line - 1 && !code.includes('{') && /\)\s*$/.test(code);
    if ((opens || headsNextLine) && (LOOP.test(code) || (opens && ITERATION.test(code)))) loops += 1;
  }
  return loops;
}

/** The files whose text would tell more about this profile: those of the functions that make most of the named time. */
export function filesWorthReading(analysis: ProfileAnalysis, limit = 12): readonly string[] {
  const files = findPareto(analysis, 0.95).functions.flatMap(({ file, ownShare }) =>
    file !== undefined && ownShare >= 0.01 ? [file] : [],
  );
  return [...new Set(files)].slice(0, limit);
}

/** Hot lines with their text, for people. */
export function describeHotLines(
  lines: readonly HotLine[],
  text: readonly string[] | undefined,
  limit = 3,
): string {
  return lines
    .slice(0, limit)
    .map(({ line, share }) => {
      const code = text?.[line - 1]?.trim().slice(0, 120);
      const percent = `${(share * 100).toFixed(1)} %`;
      return code === undefined ? `line ${line}: ${percent}` : `line ${line}: ${percent}  ${code}`;
    })
    .join('\n');
}
