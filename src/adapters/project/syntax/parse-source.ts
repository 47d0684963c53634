import { parse } from '@babel/parser';
import type { ParserPlugin } from '@babel/parser';

/** The parser's own types, without a second package for their names. */
export type Program = ReturnType<typeof parse>['program'];
export type Statement = Program['body'][number];
export type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression'];
export type Call = Extract<Expression, { type: 'CallExpression' }>;
export type Argument = Call['arguments'][number];
type ClassNode = Extract<Statement, { type: 'ClassDeclaration' }>;
type ObjectNode = Extract<Expression, { type: 'ObjectExpression' }>;
type FunctionNode = Extract<Expression, { type: 'ArrowFunctionExpression' | 'FunctionExpression' }>;

/** Every kind of node that is looked at; what else there is is only passed through. */
export type SyntaxNode =
  | Program
  | Statement
  | Argument
  | Call['callee']
  | ClassNode['body']
  | ClassNode['body']['body'][number]
  | NonNullable<ClassNode['decorators']>[number]
  | ObjectNode['properties'][number]
  | Extract<ObjectNode['properties'][number], { type: 'ObjectProperty' }>['key']
  | Extract<Statement, { type: 'VariableDeclaration' }>['declarations'][number]
  | Extract<Statement, { type: 'SwitchStatement' }>['cases'][number]
  | Extract<Statement, { type: 'ImportDeclaration' }>['specifiers'][number]
  | FunctionNode['params'][number]
  // A template of types is of the same kind as one of values.
  | Extract<Expression, { type: 'TemplateLiteral' }>['expressions'][number];

/** Undefined when a text is not a program at all; with small faults it is read as far as it goes. */
export function parseSource(text: string, file: string): Program | undefined {
  const isTypeScript = /\.[cm]?tsx?$/.test(file);
  const plugins: ParserPlugin[] = ['decorators-legacy', 'decoratorAutoAccessors'];
  if (isTypeScript) plugins.push('typescript');
  // `<T>x` is a cast in .ts and an element in .tsx and .js.
  if (!/\.[cm]?ts$/.test(file)) plugins.push('jsx');
  try {
    return parse(text, {
      sourceType: 'unambiguous',
      errorRecovery: true,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      attachComment: false,
      plugins,
    }).program;
  } catch {
    return undefined;
  }
}
