import type { SyntaxNode } from './parse-source.ts';

/** Depth-first in the order of the text; `above` holds the nodes around, the nearest last. */
export function walk(
  root: SyntaxNode,
  visit: (node: SyntaxNode, above: readonly SyntaxNode[]) => void,
): void {
  const above: SyntaxNode[] = [];
  const enter = (node: SyntaxNode): void => {
    visit(node, above);
    // Generated code nests thousands deep; what people write does not.
    if (above.length > MAX_DEPTH) return;
    above.push(node);
    for (const value of Object.values(node) as unknown[]) {
      if (Array.isArray(value)) for (const item of value as unknown[]) if (isNode(item)) enter(item);
      if (isNode(value)) enter(value);
    }
    above.pop();
  };
  enter(root);
}

const MAX_DEPTH = 400;

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
