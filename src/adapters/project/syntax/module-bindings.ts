import type { Expression, Program, SyntaxNode } from './parse-source.ts';
import { walk } from './walk.ts';

/** Where a local name comes from. */
export interface Binding {
  readonly specifier: string;
  /** `default`, `*` for the whole module, or the export's name. */
  readonly exported: string;
}

/** Names that other modules gave: by import, require or a dynamic import, anywhere in the file. */
export function bindingsOf(program: Program): ReadonlyMap<string, Binding> {
  const bindings = new Map<string, Binding>();
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration' && node.importKind !== 'type') {
      const specifier = node.source.value;
      for (const one of node.specifiers) bindings.set(one.local.name, { specifier, exported: exportOf(one) });
    }
    if (node.type !== 'VariableDeclarator' || !node.init) return;
    const specifier = requiredModule(node.init);
    if (specifier === undefined) return;
    if (node.id.type === 'Identifier') bindings.set(node.id.name, { specifier, exported: '*' });
    if (node.id.type !== 'ObjectPattern') return;
    for (const property of node.id.properties) {
      if (property.type !== 'ObjectProperty' || property.key.type !== 'Identifier') continue;
      if (property.value.type === 'Identifier')
        bindings.set(property.value.name, { specifier, exported: property.key.name });
    }
  });
  return bindings;
}

/** The module of `require('x')`, `import('x')` and `await import('x')`. */
export function requiredModule(node: SyntaxNode): string | undefined {
  const call: SyntaxNode | Expression = node.type === 'AwaitExpression' ? node.argument : node;
  if (call.type === 'ImportExpression') return textOf(call.source);
  if (call.type !== 'CallExpression') return undefined;
  const isLoad =
    call.callee.type === 'Import' || (call.callee.type === 'Identifier' && call.callee.name === 'require');
  return isLoad && call.arguments[0] !== undefined ? textOf(call.arguments[0]) : undefined;
}

function textOf(node: SyntaxNode): string | undefined {
  return node.type === 'StringLiteral' ? node.value : undefined;
}

function exportOf(node: Extract<SyntaxNode, { type: `Import${string}Specifier` }>): string {
  if (node.type === 'ImportDefaultSpecifier') return 'default';
  if (node.type === 'ImportNamespaceSpecifier') return '*';
  return node.imported.type === 'Identifier' ? node.imported.name : node.imported.value;
}
