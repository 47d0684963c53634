import type { Warning } from '../model/warning.ts';
import { WARNINGS } from '../warnings.ts';
import type { ProfileImporter } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { readJitSymbol, readNameWithPlace } from './jit-symbol.ts';
import { settleLines } from './line-meaning.ts';
import { refuse } from './refuse.ts';
import { createStackBuilder } from './stack-builder.ts';
import type { StackFrame } from './stack-builder.ts';
import { linesOf } from './text-lines.ts';

/**
 * Collapsed stacks: "outermost;…;innermost COUNT" a line, as stackcollapse-perf.pl and the other scripts of FlameGraph, perf
 * script report stackcollapse, py-spy --format raw, async-profiler and Pyroscope write them. Counts are samples, whatever
 * the producer sampled. Read in frames: "name (file.py:12)" of py-spy, "name (file.py:11:14)" of our samplers in Python (the
 * function's first line and the one that ran), "name /file.js:5:20" of V8 with or without its tag, and the marks _[k]
 * (kernel), _[j] (compiled at run time) and _[i] (inlined).
 */
export const collapsedStacks: ProfileImporter = {
  id: 'collapsed-stacks',
  title: 'collapsed stacks (FlameGraph, py-spy raw)',
  gives: 'profile',
  detect({ head, fileName }) {
    if (head.includes('\0')) return false;
    const lines = [...linesOf(head)].filter((line) => line.trim() !== '');
    // The last one of a part or of a file that was cut off is none.
    const whole = lines.length > 1 && !head.endsWith('\n') ? lines.slice(0, -1) : lines;
    const stacks = whole.filter((line) => STACK.test(line)).length;
    const named = fileName !== undefined && /\.(folded|collapsed|stacks?)$/i.test(fileName);
    const nested = whole.some((line) => STACK.test(line) && line.includes(';'));
    return stacks > 0 && stacks >= MOSTLY * whole.length && (nested || named);
  },
  parse(source) {
    const { stacks, warnings } = readStacks(source);
    const frames = resolveFrames(stacks);
    const builder = createStackBuilder('samples');
    const threads = new Set<string>();
    for (const { names, count } of stacks) {
      const [first = ''] = names;
      const thread = THREAD.test(first) ? first : undefined;
      if (thread !== undefined) threads.add(thread);
      const stack = (thread === undefined ? names : names.slice(1)).flatMap((name) => frames.get(name) ?? []);
      builder.add(stack, count, Math.round(count));
    }
    return { profile: builder.build([...threads]), warnings };
  },
};

/** A stack, a blank and a number; the stack may hold blanks itself. */
const STACK = /^(\S.*?)\s+(\d+(?:\.\d+)?)\s*$/;
/** Of lines: comments and messages of the producer stand between stacks sometimes. */
const MOSTLY = 0.8;
/** py-spy --threads and --subprocesses, and stackcollapse-perf.pl --tid. */
const THREAD = /^(thread \(|process \d+|[^;/()]+-\d+\/\d+$|[^;/()]+-\?\/\d+$)/;

interface Stack {
  readonly names: readonly string[];
  readonly count: number;
}

function readStacks(source: ImportSource): {
  readonly stacks: readonly Stack[];
  readonly warnings: readonly Warning[];
} {
  const text = source.text();
  const stacks: Stack[] = [];
  let lines = 0;
  let skipped = 0;
  let last: string | undefined;
  for (const line of linesOf(text)) {
    if (line.trim() === '') continue;
    lines += 1;
    last = line;
    const match = STACK.exec(line);
    const count = Number(match?.[2]);
    if (match === null || !Number.isFinite(count)) skipped += 1;
    else if (count > 0) stacks.push({ names: (match[1] ?? '').split(';'), count });
  }
  if (stacks.length === 0) {
    throw refuse(source, 'holds collapsed stacks whose counts are all zero', 'Record again, for longer.');
  }
  // Without its line break a last line may have lost digits of its count, which nobody could see.
  const isCut = last !== undefined && !text.endsWith('\n') && !STACK.test(last);
  if (isCut) skipped -= 1;
  return {
    stacks,
    warnings: [
      ...(isCut ? [WARNINGS.import_cut_off('its last line was left out.')] : []),
      ...(skipped > 0 ? [WARNINGS.import_lines_skipped(skipped, lines)] : []),
    ],
  };
}

function resolveFrames(stacks: readonly Stack[]): ReadonlyMap<string, StackFrame> {
  const names = new Set<string>();
  for (const stack of stacks) for (const name of stack.names) names.add(name);
  const all = [...names];
  const read = all.map(readFrame);
  // Only py-spy writes lines that ran; the places of V8 are the functions' own.
  const ofPython = read.map((frame) =>
    frame.file !== undefined && /\(.+:\d+\)$/.test(frame.given) ? frame : undefined,
  );
  const settled = settleLines(ofPython.filter((frame) => frame !== undefined));
  const byGiven = new Map(
    settled.map((frame, index) => [ofPython.filter((one) => one !== undefined)[index], frame]),
  );
  return new Map(all.map((name, index) => [name, byGiven.get(ofPython[index]) ?? read[index] ?? { name }]));
}

interface GivenFrame extends StackFrame {
  readonly given: string;
}

function readFrame(given: string): GivenFrame {
  const [, name = given, mark] = /^(.*?)(?:_\[([kji])\])?$/.exec(given) ?? [];
  if (mark === 'k') return { given, name, native: true };
  const sampled = /^(.+) \(([^()]+?):(\d+):(\d+)\)$/.exec(name);
  // V8 writes line and column.
  if (sampled !== null && !/\.[cm]?[jt]sx?$/.test(sampled[2] ?? '')) {
    const [, called = '', file, line, at] = sampled;
    return { given, name: called, file, line: Number(line), at: Number(at) };
  }
  const python = /^(.+) \(([^()]+?)(?::(\d+))?\)$/.exec(name);
  if (python !== null) {
    const [, called = '', file, line] = python;
    return {
      given,
      name: called,
      // "[libc.so.6]" and "libc.so.6" are shared libraries that py-spy --native names.
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line: Number(line) }),
      ...(file !== undefined && /(\.so[.\d]*|\.dylib|\.dll)$/.test(file) ? { native: true } : {}),
    };
  }
  const jit = readJitSymbol(name);
  if (jit !== undefined) return { given, ...jit };
  if (/:\d+:\d+$/.test(name)) return { given, ...readNameWithPlace(name.replace(/^[~^+*]/, '')) };
  return { given, name };
}
