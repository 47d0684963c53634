import { findAddedLines, type AddedLine } from './added-lines.ts';
import type { ReviewFlag } from './review-flag.ts';

export interface ReviewInput {
  /** Unified diff of the candidate against the baseline. */
  readonly patch: string;
  readonly files: readonly string[];
  /** Files of the workload's own that decide what is measured. */
  readonly inputs: readonly string[];
  /** Values of the workload that tell one input from another: paths, bodies, arguments, parameters. */
  readonly literals: readonly string[];
}

/** A diff of thousands of lines is flagged by kind; every place of it would be a list that nobody reads. */
const MOST_OF_A_KIND = 5;
const LONGEST_TEXT = 160;

/**
 * What a reviewer would want to see first in a change that claims to be faster: the ways in which an agent makes a number
 * better without making the program faster, as they were found in practice (notes on the field: persistent caches, inputs
 * that are hard-coded, work moved out of the timed region, timers that are patched, tests that are edited).
 */
export function findReviewFlags(input: ReviewInput): readonly ReviewFlag[] {
  const lines = findAddedLines(input.patch).filter(({ file }) => isCode(file) && !isJudging(input, file));
  return [
    ...input.files.flatMap((file) => flagFile(input, file)),
    ...LINE_RULES.flatMap(({ kind, looksLike }) =>
      lines
        .filter((line) => !isComment(line.text) && looksLike(line, input))
        .slice(0, MOST_OF_A_KIND)
        .map(({ file, line, text }) => ({ kind, file, line, text: text.trim().slice(0, LONGEST_TEXT) })),
    ),
  ];
}

const FILE_RULES: readonly { readonly kind: ReviewFlag['kind']; readonly matches: readonly RegExp[] }[] = [
  {
    kind: 'tests',
    matches: [/(^|\/)(test|tests|__tests__|spec)\//, /\.(test|spec)\.[cm]?[jt]sx?$/, /(^|\/)test_[^/]+\.py$/],
  },
  {
    kind: 'benchmark',
    matches: [/(^|\/)bench(marks?)?(\/|\.)/, /\.bench\.[cm]?[jt]s$/, /^\.deep-optimize\//],
  },
  {
    kind: 'lockfile',
    matches: [/(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/],
  },
  {
    kind: 'configuration',
    matches: [
      /(^|\/)(package|tsconfig[^/]*|jsconfig)\.json$/,
      /(^|\/)\.(env|npmrc|nvmrc|node-version|mocharc|babelrc|swcrc)[^/]*$/,
      /(^|\/)(vitest|vite|jest|ava|playwright|webpack|rollup|babel|next|nuxt|esbuild)\.(config|workspace)\.[cm]?[jt]s(on)?$/,
      /(^|\/)(Dockerfile|docker-compose[^/]*\.ya?ml|Procfile)$/,
    ],
  },
];

function flagFile({ inputs }: ReviewInput, file: string): readonly ReviewFlag[] {
  const kind = inputs.includes(file)
    ? 'benchmark'
    : FILE_RULES.find(({ matches }) => matches.some((pattern) => pattern.test(file)))?.kind;
  return kind === undefined ? [] : [{ kind, file, line: null, text: 'the file was changed' }];
}

interface LineRule {
  readonly kind: ReviewFlag['kind'];
  readonly looksLike: (line: AddedLine, input: ReviewInput) => boolean;
}

const anyOf =
  (...patterns: readonly RegExp[]): LineRule['looksLike'] =>
  ({ text }) =>
    patterns.some((pattern) => pattern.test(text));

const LINE_RULES: readonly LineRule[] = [
  {
    kind: 'runtime-mode',
    looksLike: anyOf(/NODE_ENV|process\.env\.(CI|VITEST|JEST_WORKER_ID|BENCH\w*)|DEEP_OPTIMIZE|NODE_OPTIONS/),
  },
  {
    kind: 'clock',
    looksLike: anyOf(
      /(Date\.now|performance\.now|process\.hrtime(\.bigint)?|set(Timeout|Interval|Immediate)|Date)\s*=[^=>]/,
      /(defineProperty|assign)\(\s*(Date|performance|process|globalThis|global)\b/,
      /useFakeTimers|mock\.timers/,
    ),
  },
  {
    kind: 'cache',
    looksLike: anyOf(
      /\b\w*(cache|memo(?!ry)|lru)\w*\b/i,
      // At the top level such a collection outlives the call, whatever it is named.
      /^(export\s+)?(const|let|var)\s+\w+\s*(:[^=]+)?=\s*new\s+(Weak)?Map\b/,
      /@(functools\.)?(lru_)?cache\b/,
    ),
  },
  {
    kind: 'state-on-disk',
    // The next process finds it.
    looksLike: anyOf(
      /\b(writeFile|appendFile|outputFile|outputJson|copyFile|cp|mkdtemp)(Sync)?\s*\(|\bcreateWriteStream\s*\(/,
      /\btmpdir\s*\(\)|['"`]\/(tmp|var\/tmp|dev\/shm)\b|\bgettempdir\s*\(/,
      /\bopen\([^)]*,\s*(mode\s*=\s*)?['"][wax]b?\+?['"]|\.write_(text|bytes)\(|\b(pickle|json|joblib)\.dump\(|\bshelve\.open\(|\bshutil\.(copy|move)\w*\(/,
    ),
  },
  {
    kind: 'global-state',
    looksLike: anyOf(
      /\b(globalThis|global)(\.\w+|\[[^\]]+\])\s*(\?\?|\|\|)?=[^=>]/,
      /^(export\s+)?(let|var)\s/,
      /^(export\s+)?const\s+\w+\s*(:[^=]+)?=\s*(\[\]|\{\}|new\s+(Set|Array)\b)/,
      /^\s*global\s+\w+/,
    ),
  },
  {
    kind: 'import-time-work',
    // Without indentation it runs when the module is loaded, before anything is timed.
    looksLike: anyOf(
      /^(export\s+)?(const|let|var)\s+[^=]+=\s*(await\b|.*\b(readFileSync|execSync|spawnSync|JSON\.parse|compile)\s*\()/,
      /^(for|while)\s*\(/,
      /^await\s/,
    ),
  },
  { kind: 'input-fast-path', looksLike: comparesWithInput },
];

/** A comparison with a constant that is one of the workload's own inputs: right for the benchmark and for nothing else. */
function comparesWithInput({ text }: AddedLine, { literals }: ReviewInput): boolean {
  if (!/(===?|\bcase\b|\bis\b|\.equals\(|\.has\(|\.includes\(|\bin\b)/.test(text)) return false;
  return literals.some((literal) => holdsLiteral(text, literal));
}

function holdsLiteral(text: string, literal: string): boolean {
  if (/^-?\d+(\.\d+)?$/.test(literal)) {
    // Small numbers stand in every program.
    return (
      literal.length >= 3 && new RegExp(`(^|[^\\w.])${literal.replace('.', '\\.')}($|[^\\w.])`).test(text)
    );
  }
  return (
    literal.length >= 3 &&
    [`'${literal}'`, `"${literal}"`, `\`${literal}\``].some((quoted) => text.includes(quoted))
  );
}

const CODE = /\.([cm]?[jt]sx?|py|rb|go|rs|java|kt|php|cs|c|cc|cpp|h|vue|svelte)$/;

function isCode(file: string): boolean {
  return CODE.test(file);
}

/** Flagged as a whole already. */
function isJudging(input: ReviewInput, file: string): boolean {
  return flagFile(input, file).length > 0;
}

function isComment(text: string): boolean {
  return /^\s*(\/\/|\/?\*|#(?!!)|--\s)/.test(text);
}
