import type { Routers } from './routers.ts';
import { joinPaths, ROUTE_METHODS } from './routes.ts';
import type { FoundRoute } from './routes.ts';
import { calledMember, calledObject } from '../syntax/called-member.ts';
import { literalText, literalValue, memberOf } from '../syntax/literal-value.ts';
import type { Constants } from '../syntax/literal-value.ts';
import type { Call, SyntaxNode } from '../syntax/parse-source.ts';

/** `app.get('/x', …)`, `router.route('/x').get(…)`, `fastify.route({ method, url })`, `router.get('name', '/x', …)`. */
export function* calledRoutes(call: Call, routers: Routers, constants: Constants): Generator<FoundRoute> {
  const member = calledMember(call);
  if (member === undefined || call.callee.type !== 'MemberExpression') return;
  const { object } = call.callee;
  const at = call.start ?? 0;
  if (ROUTE_METHODS.includes(member)) {
    const chained = routeCallBelow(object);
    const router = routers.find(chained === undefined ? object : (calledObject(chained) ?? object));
    if (router === undefined) return;
    const paths = chained === undefined ? pathsOf(call, constants) : pathsOf(chained, constants, 1);
    for (const path of paths) {
      yield { method: member, path: joinPaths(router.prefix, path), router: router.name, at };
    }
  }
  if (member === 'route') {
    const [options] = call.arguments;
    const router = routers.find(object);
    const path = literalText(memberOf(options, 'url') ?? memberOf(options, 'path'), constants);
    if (router === undefined || path?.startsWith('/') !== true) return;
    const stated = memberOf(options, 'method');
    const method = stated === undefined ? 'get' : literalValue(stated, constants)?.value;
    const methods: readonly unknown[] = Array.isArray(method) ? method : [method];
    for (const one of methods) {
      if (typeof one === 'string' && ROUTE_METHODS.includes(one.toLowerCase()))
        yield { method: one, path: joinPaths(router.prefix, path), router: router.name, at };
    }
  }
}

/** Of `router.route('/x').get(a).post(b)`, the call of `route`. */
function routeCallBelow(node: SyntaxNode): Call | undefined {
  if (node.type !== 'CallExpression') return undefined;
  if (calledMember(node) === 'route' && node.arguments.length === 1) return node;
  const object = calledObject(node);
  return object !== undefined && ROUTE_METHODS.includes(calledMember(node) ?? '') && isPathless(node)
    ? routeCallBelow(object)
    : undefined;
}

function isPathless(call: Call): boolean {
  return call.arguments[0]?.type !== 'StringLiteral';
}

/** A client's `api.get('/x')` has no handler, and `api.post('/x', { … })` has data where a handler stands. */
function pathsOf(call: Call, constants: Constants, minimum = 2): readonly string[] {
  const [first, second] = call.arguments;
  const last = call.arguments.at(-1);
  if (call.arguments.length < minimum || (last?.type === 'ObjectExpression' && minimum > 1)) return [];
  const given = first === undefined ? undefined : literalValue(first, constants)?.value;
  const isName = typeof given === 'string' && !given.startsWith('/') && call.arguments.length > 2;
  const value = isName ? literalText(second, constants) : given;
  const paths: readonly unknown[] = Array.isArray(value) ? value : [value];
  return paths.filter((path): path is string => typeof path === 'string' && path.startsWith('/')).slice(0, 1);
}
