import type { ProfileImporter } from './importer.ts';
import { isArray, isObject, listOf, textOr } from './json-shape.ts';
import { readNameWithPlace } from './jit-symbol.ts';
import { refuse } from './refuse.ts';
import { createStackBuilder } from './stack-builder.ts';
import type { StackFrame } from './stack-builder.ts';

/**
 * `ticks.json` of 0x (option writeTicks): the log of node --prof as a list of stacks, the outermost frame first, a tick
 * each. `type` is the type of code in V8's log: JS, CPP and SHARED_LIB for machine code, CODE for what V8 generated.
 * There are no times, no lines that ran, and an empty stack for a tick outside of JavaScript.
 */
export const ticksOf0x: ProfileImporter = {
  id: 'ticks-0x',
  title: 'ticks of 0x (ticks.json, node --prof)',
  gives: 'profile',
  detect(source) {
    const stacks = source.json();
    if (!isArray(stacks)) return false;
    const filled = stacks.find((stack) => isArray(stack) && stack.length > 0);
    const [frame] = listOf(filled);
    return isObject(frame) && typeof frame.name === 'string' && typeof frame.type === 'string';
  },
  parse(source) {
    const builder = createStackBuilder('samples');
    const frames = new Map<string, StackFrame>();
    const stacks = listOf(source.json());
    let read = 0;
    for (const stack of stacks) {
      if (!isArray(stack)) continue;
      read += 1;
      builder.add(
        stack.filter(isObject).map(({ name, type, kind }) => {
          const key = `${textOr(type, '')}\n${textOr(kind, '')}\n${textOr(name, '')}`;
          let frame = frames.get(key);
          if (frame === undefined)
            frames.set(key, (frame = readFrame(textOr(name, ''), textOr(type, ''), textOr(kind, ''))));
          return frame;
        }),
        1,
        1,
      );
    }
    if (read === 0) throw refuse(source, 'has no ticks', 'Run 0x for longer, with load on the program.');
    return { profile: builder.build([]), warnings: [] };
  },
};

function readFrame(name: string, type: string, kind: string): StackFrame {
  if (type === 'JS') return readNameWithPlace(name);
  if (kind === 'RegExp') return { name: `RegExp: ${name}` };
  return { name, native: type === 'CPP' || type === 'SHARED_LIB' };
}
