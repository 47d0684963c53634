import { joinPaths, ROUTE_METHODS } from './routes.ts';
import type { FoundRoute } from './routes.ts';
import { literalText, memberOf } from '../syntax/literal-value.ts';
import type { Constants } from '../syntax/literal-value.ts';
import type { Call, SyntaxNode } from '../syntax/parse-source.ts';

/** In place of a router's name: these routes get the global prefix. */
export const NEST = '@Controller';

/** NestJS decorators are the same words with a capital. */
const DECORATORS = new Map(
  ROUTE_METHODS.map((method) => [method.charAt(0).toUpperCase() + method.slice(1), method]),
);

/** NestJS: `@Controller('posts')` above the class, `@Get(':id')` above its methods. */
export function* nestRoutes(
  node: Extract<SyntaxNode, { type: 'ClassDeclaration' }>,
  constants: Constants,
): Generator<FoundRoute> {
  const controller = decoratorCall(node.decorators, (name) => name === 'Controller');
  if (controller === undefined) return;
  const [options] = controller.call.arguments;
  const prefix = literalText(memberOf(options, 'path') ?? options, constants) ?? '';
  for (const member of node.body.body) {
    if (member.type !== 'ClassMethod') continue;
    const route = decoratorCall(member.decorators, (name) => DECORATORS.has(name));
    if (route === undefined) continue;
    const path = literalText(route.call.arguments[0], constants) ?? '';
    const method = DECORATORS.get(route.name) ?? 'get';
    yield { method, path: joinPaths(prefix, path), router: NEST, at: member.start ?? 0 };
  }
}

function decoratorCall(
  decorators: Extract<SyntaxNode, { type: 'ClassDeclaration' }>['decorators'],
  isWanted: (name: string) => boolean,
): { readonly name: string; readonly call: Call } | undefined {
  for (const { expression } of decorators ?? []) {
    if (expression.type !== 'CallExpression' || expression.callee.type !== 'Identifier') continue;
    if (isWanted(expression.callee.name)) return { name: expression.callee.name, call: expression };
  }
  return undefined;
}
