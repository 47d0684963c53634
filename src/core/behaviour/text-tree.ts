import type { Tree } from './model.ts';

/** A text as a list of lines, each a list of words and of what stands between them: so that a changing word masks itself only. */
export function textTree(text: string): Tree {
  return text.split(/\r?\n/).map((line) => line.split(/([^\p{L}\p{N}_.]+)/u));
}
