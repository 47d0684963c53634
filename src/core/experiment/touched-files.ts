/**
 * Files that decide what is measured or whether it is right. A change to one of them is a reason to look, not an
 * accusation.
 */
const PATTERNS: readonly RegExp[] = [
  /(^|\/)(test|tests|__tests__|spec)\//,
  /\.(test|spec)\.[cm]?[jt]sx?$/,
  /(^|\/)bench(marks?)?(\/|\.)/,
  /^\.deep-optimize\//,
  // Where the test command and its runner are told what to do: "test": "true" passes everything.
  /(^|\/)package\.json$/,
  /(^|\/)(vitest|vite|jest|ava|playwright|cypress|karma)\.(config|workspace)\.[cm]?[jt]s(on)?$/,
  /(^|\/)\.mocharc\.\w+$/,
];

/** `inputs` are files of the workload's own that decide what is measured. */
export function findJudgingFiles(
  paths: readonly string[],
  inputs: readonly string[] = [],
): readonly string[] {
  return paths.filter((path) => inputs.includes(path) || PATTERNS.some((pattern) => pattern.test(path)));
}
