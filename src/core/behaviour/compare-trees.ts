import { isList } from './bound-value.ts';
import type { Step, Tree } from './model.ts';
import type { PathMask } from './path-mask.ts';

export type TreeDifference =
  | {
      readonly kind: 'value';
      readonly path: readonly Step[];
      /** Undefined: there is no such member. */
      readonly baseline: Tree | undefined;
      readonly candidate: Tree | undefined;
    }
  /** Two lists of different length: which of the items is which is not guessed. */
  | {
      readonly kind: 'length';
      readonly path: readonly Step[];
      readonly baseline: number;
      readonly candidate: number;
    };

/** Every place where two trees differ, but for masked ones, in the order of the baseline. */
export function compareTrees(baseline: Tree, candidate: Tree, mask: PathMask): readonly TreeDifference[] {
  const differences: TreeDifference[] = [];
  const visit = (a: Tree | undefined, b: Tree | undefined, path: readonly Step[], masked: PathMask): void => {
    if (masked.isMasked || Object.is(a, b)) return;
    if (isContainer(a) && isContainer(b) && isList(a) === isList(b)) {
      if (isList(a) && isList(b)) {
        if (a.length === b.length)
          a.forEach((item, index) => visit(item, b[index], [...path, index], masked.below(index)));
        else differences.push({ kind: 'length', path, baseline: a.length, candidate: b.length });
        return;
      }
      for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
        visit(memberOf(a, name), memberOf(b, name), [...path, name], masked.below(name));
      return;
    }
    differences.push({ kind: 'value', path, baseline: a, candidate: b });
  };
  visit(baseline, candidate, [], mask);
  return differences;
}

type Container = Extract<Tree, object>;

function isContainer(tree: Tree | undefined): tree is Container {
  return typeof tree === 'object' && tree !== null;
}

/** Own members only: a member may be called "constructor". */
function memberOf(owner: Container, name: string): Tree | undefined {
  if (isList(owner)) return undefined;
  return Object.hasOwn(owner, name) ? owner[name] : undefined;
}
