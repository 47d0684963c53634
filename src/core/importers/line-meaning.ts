import type { StackFrame } from './stack-builder.ts';

/**
 * Some producers write the line that ran where others write the first line of the function (py-spy does either, by its
 * option --function). A function that stands with two lines tells which: then lines are places in functions, and
 * functions have no line; else they are the functions' own. Two methods of one name in a file can deceive it, and then
 * the functions' first lines pass for lines that ran.
 */
export function settleLines(frames: readonly StackFrame[]): readonly StackFrame[] {
  const seen = new Map<string, number | undefined>();
  let varies = false;
  for (const frame of frames) {
    const { name, file, line, column } = frame;
    if (line === undefined || frame.at !== undefined || column !== undefined || isAmbiguous(frame)) continue;
    const key = `${file ?? ''}\n${name}`;
    const other = seen.get(key);
    if (other === undefined) seen.set(key, line);
    else if (other !== line) varies = true;
  }
  if (!varies) return frames;
  // With a column, or with the line that ran beside it, a line is the function's.
  return frames.map((frame) => {
    const { line, ...rest } = frame;
    return line === undefined || frame.at !== undefined || frame.column !== undefined
      ? frame
      : { ...rest, at: line };
  });
}

/** Names that one file has often, so that two lines are two functions. */
function isAmbiguous({ name, file }: StackFrame): boolean {
  return /^(<.*>|__\w+__|\(?anonymous\b.*|)$/.test(name) || file?.startsWith('<') === true;
}
