import type { Argument, Expression, Program, SyntaxNode } from './parse-source.ts';
import { walk } from './walk.ts';

/** What `const` names stand for, wherever in the file they are declared: enough for the constants of scripts. */
export type Constants = ReadonlyMap<string, Expression>;

export function constantsOf(program: Program): Constants {
  const constants = new Map<string, Expression>();
  walk(program, (node) => {
    if (node.type !== 'VariableDeclaration' || node.kind !== 'const') return;
    for (const { id, init } of node.declarations)
      if (id.type === 'Identifier' && init) constants.set(id.name, init);
  });
  return constants;
}

/** A value in a box, since `null` and `undefined` are values too. */
export interface Literal {
  readonly value: unknown;
}

/** Deeper than any constant that people write; ends what names itself. */
const MAX_DEPTH = 20;

/** The JSON value that an expression always has; undefined when that cannot be read off the text. */
export function literalValue(node: SyntaxNode, constants: Constants, depth = 0): Literal | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const inner = (child: SyntaxNode): Literal | undefined => literalValue(child, constants, depth + 1);
  if (node.type === 'StringLiteral' || node.type === 'NumericLiteral' || node.type === 'BooleanLiteral') {
    return { value: node.value };
  }
  if (node.type === 'NullLiteral') return { value: null };
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) {
    return { value: node.quasis[0]?.value.cooked ?? '' };
  }
  if (node.type === 'UnaryExpression' && node.operator === '-') {
    const value = inner(node.argument)?.value;
    return typeof value === 'number' ? { value: -value } : undefined;
  }
  if (
    node.type === 'TSAsExpression' ||
    node.type === 'TSSatisfiesExpression' ||
    node.type === 'TSNonNullExpression'
  ) {
    return inner(node.expression);
  }
  if (node.type === 'Identifier') {
    const constant = constants.get(node.name);
    return constant === undefined ? undefined : inner(constant);
  }
  if (node.type === 'ArrayExpression') {
    const items = node.elements.flatMap((item) => (item === null ? [] : (inner(item) ?? [])));
    const isWhole = items.length === node.elements.length;
    return isWhole ? { value: items.map(({ value }) => value) } : undefined;
  }
  return node.type === 'ObjectExpression' ? literalObject(node, inner) : undefined;
}

function literalObject(
  node: Extract<SyntaxNode, { type: 'ObjectExpression' }>,
  inner: (child: SyntaxNode) => Literal | undefined,
): Literal | undefined {
  const members = node.properties.flatMap((property) => {
    if (property.type !== 'ObjectProperty' || property.computed) return [];
    const name = keyName(property.key);
    const read = inner(property.value);
    return name === undefined || read === undefined ? [] : [[name, read.value] as const];
  });
  const isWhole = members.length === node.properties.length;
  return isWhole ? { value: Object.fromEntries(members) } : undefined;
}

export function literalText(node: Argument | undefined, constants: Constants): string | undefined {
  const value = node === undefined ? undefined : literalValue(node, constants)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** A member of an object that is written out, e.g. `prefix` in `{ prefix: '/v1', logger }`. */
export function memberOf(node: Argument | undefined, name: string): Expression | undefined {
  if (node?.type !== 'ObjectExpression') return undefined;
  for (const property of node.properties) {
    if (property.type !== 'ObjectProperty' || keyName(property.key) !== name) continue;
    return isExpression(property.value) ? property.value : undefined;
  }
  return undefined;
}

export function keyName(key: SyntaxNode): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'StringLiteral' ? key.value : undefined;
}

/** In an object that is a value and not a pattern, members are expressions. */
function isExpression(node: SyntaxNode): node is Expression {
  return !/Pattern$|^RestElement$/.test(node.type);
}
