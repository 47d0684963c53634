import { ROUTE_METHODS } from './routes.ts';
import type { FoundRoute } from './routes.ts';
import { keyName, literalText } from '../syntax/literal-value.ts';
import type { Constants } from '../syntax/literal-value.ts';
import type { SyntaxNode } from '../syntax/parse-source.ts';
import { walk } from '../syntax/walk.ts';

const METHOD_AND_PATH = new RegExp(`^(${ROUTE_METHODS.join('|')}) (/\\S*)$`, 'i');

/** node:http: `url === '/x'`, `switch (pathname)`, `case 'GET /x':`, `{ 'GET /x': handler }`. */
export function* comparedRoutes(
  node: SyntaxNode,
  above: readonly SyntaxNode[],
  constants: Constants,
): Generator<FoundRoute> {
  const at = node.start ?? 0;
  const plain = (path: string | undefined): FoundRoute[] =>
    path?.startsWith('/') === true
      ? [{ method: methodAround(node, above, constants) ?? 'get', path, router: null, at }]
      : [];
  if (node.type === 'BinaryExpression' && (node.operator === '===' || node.operator === '==')) {
    if (isPathExpression(node.left)) yield* plain(literalText(node.right, constants));
    else if (isPathExpression(node.right) && node.left.type === 'StringLiteral')
      yield* plain(node.left.value);
  }
  if (node.type === 'SwitchStatement') {
    const isPath = isPathExpression(node.discriminant);
    for (const { test } of node.cases) {
      const text = literalText(test ?? undefined, constants);
      if (isPath) yield* plain(text);
      yield* withMethod(text, at);
    }
  }
  if (node.type === 'ObjectProperty') yield* withMethod(keyName(node.key), at);
}

function* withMethod(text: string | undefined, at: number): Generator<FoundRoute> {
  const [, method, path] = METHOD_AND_PATH.exec(text ?? '') ?? [];
  if (method !== undefined && path !== undefined) yield { method, path, router: null, at };
}

function isPathExpression(node: SyntaxNode): boolean {
  const name =
    node.type === 'MemberExpression'
      ? keyName(node.property)
      : node.type === 'Identifier'
        ? node.name
        : undefined;
  return name === 'url' || name === 'pathname' || name === 'path';
}

/** `req.method === 'POST'` in the same condition, or in one around it. */
function methodAround(
  node: SyntaxNode,
  above: readonly SyntaxNode[],
  constants: Constants,
): string | undefined {
  let inner = node;
  for (const outer of [...above].reverse()) {
    if (outer.type === 'LogicalExpression' && outer.operator === '&&') {
      const method = methodIn(outer, constants);
      if (method !== undefined) return method;
    }
    if (outer.type === 'IfStatement' && inner === outer.consequent) {
      const method = methodIn(outer.test, constants);
      if (method !== undefined) return method;
    }
    inner = outer;
  }
  return undefined;
}

function methodIn(root: SyntaxNode, constants: Constants): string | undefined {
  let found: string | undefined;
  walk(root, (node) => {
    if (node.type !== 'BinaryExpression' || !/^===?$/.test(node.operator)) return;
    const name = node.left.type === 'MemberExpression' ? keyName(node.left.property) : keyName(node.left);
    const value = name === 'method' ? literalText(node.right, constants) : undefined;
    if (value !== undefined && ROUTE_METHODS.includes(value.toLowerCase())) found ??= value;
  });
  return found;
}
