import type { Frame, FrameKind } from '../profile/model.ts';
import { packageOf } from '../profile/package-of.ts';
import { isLanguageBuiltin } from '../profile/runtime-calls.ts';
import { decodeFileUrl } from './file-url.ts';

/** `Runtime.CallFrame` of the DevTools protocol, which profiles of CPU, heap and traces share. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** 0-based; -1 for code without a place. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const PSEUDO_FRAMES: Readonly<Record<string, FrameKind>> = {
  '(root)': 'root',
  '(program)': 'program',
  '(idle)': 'idle',
  '(garbage collector)': 'gc',
};

/** @param above kind of the caller */
export function frameOfCallFrame(callFrame: CallFrame, above: FrameKind | undefined): Frame {
  const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName;
  if (callFrame.url === '') {
    const pseudo = Object.hasOwn(PSEUDO_FRAMES, name) ? PSEUDO_FRAMES[name] : undefined;
    if (pseudo !== undefined) return { name, kind: pseudo };
    // Code of V8 that JavaScript calls by name; under a node: module the same name is a binding of that module
    // (`parse`, `exec` and `test` exist on both sides).
    const ofLanguage = isLanguageBuiltin(name) && above !== 'builtin';
    return ofLanguage ? { name, kind: 'builtin', package: 'node' } : { name, kind: 'native' };
  }
  const place = {
    ...(callFrame.lineNumber >= 0 ? { line: callFrame.lineNumber + 1 } : {}),
    ...(callFrame.columnNumber >= 0 ? { column: callFrame.columnNumber + 1 } : {}),
  };
  if (/^(node:|internal\/)/.test(callFrame.url))
    return { name, kind: 'builtin', file: callFrame.url, ...place, package: 'node' };
  const file = decodeFileUrl(callFrame.url);
  const owner = packageOf(file);
  return { name, kind: 'js', file, ...place, ...(owner === undefined ? {} : { package: owner }) };
}
