import { createProfileBuilder } from '../../../src/core/profile/builder.ts';
import type { Frame, Profile } from '../../../src/core/profile/model.ts';
import { packageOf } from '../../../src/core/profile/package-of.ts';

/** "name@file:line" is a JavaScript function, "name" alone native code; pseudo frames by their V8 names. */
export function frame(text: string): Frame {
  const pseudo = {
    '(root)': 'root',
    '(idle)': 'idle',
    '(program)': 'program',
    '(garbage collector)': 'gc',
  } as const;
  if (text in pseudo) return { name: text, kind: pseudo[text as keyof typeof pseudo] };
  const [, name = text, file, line] = /^(.+?)@(.+?)(?::(\d+))?$/.exec(text) ?? [];
  const place = line === undefined ? {} : { line: Number(line), column: 1 };
  if (file === undefined) {
    return name.startsWith('RegExp: ') || ['stringify', 'parse', 'sort'].includes(name)
      ? { name, kind: 'builtin', package: 'node' }
      : { name, kind: 'native' };
  }
  if (file.startsWith('node:')) return { name, kind: 'builtin', file, ...place, package: 'node' };
  const owner = packageOf(file);
  return { name, kind: 'js', file, ...place, ...(owner === undefined ? {} : { package: owner }) };
}

export interface Stack {
  /** From the outermost frame to the innermost, separated by " > "; the root is added. */
  readonly stack: string;
  /** Milliseconds, one sample each unless `samples` says otherwise. */
  readonly ms: number;
  readonly samples?: number;
  /** The line that the time belongs to. */
  readonly line?: number;
}

export function tinyProfile(stacks: readonly Stack[]): Profile {
  const builder = createProfileBuilder('wall_us');
  const root = builder.node(-1, builder.frame(frame('(root)')));
  for (const { stack, ms, samples, line } of stacks) {
    let node = root;
    for (const text of stack.split(' > ')) node = builder.node(node, builder.frame(frame(text)));
    builder.addSelf(node, ms * 1000, samples ?? ms);
    if (line !== undefined) builder.addLine(node, line, ms * 1000);
  }
  return builder.build(['main of pid 1']);
}
