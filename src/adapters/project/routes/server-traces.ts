import { calledRoutes } from './called-routes.ts';
import { comparedRoutes } from './compared-routes.ts';
import { enclosingPrefixes, mountsOfCall } from './mounts.ts';
import type { Mount } from './mounts.ts';
import { nestRoutes } from './nest-routes.ts';
import { Routers } from './routers.ts';
import { joinPaths } from './routes.ts';
import type { FoundRoute, Route } from './routes.ts';
import { calledMember, calledObject } from '../syntax/called-member.ts';
import { constantsOf, literalText } from '../syntax/literal-value.ts';
import { bindingsOf } from '../syntax/module-bindings.ts';
import type { Binding } from '../syntax/module-bindings.ts';
import { parseSource } from '../syntax/parse-source.ts';
import type { Call } from '../syntax/parse-source.ts';
import { walk } from '../syntax/walk.ts';

/** What one source text says of a server: candidates for a person to confirm, never facts. */
export interface ServerTraces {
  /** With the prefixes of this file; `router` is the name that the route was added to. */
  readonly routes: readonly (Route & { readonly router: string | null })[];
  /** Routers of other files, and the path that this file puts them below. */
  readonly mounts: readonly { readonly prefix: string; readonly binding: Binding }[];
  /** NestJS: a prefix for the controllers of all files. */
  readonly globalPrefix: string | null;
  readonly listens: boolean;
  readonly portEnv: string | null;
}

/** Words of frameworks for what HTTP calls otherwise; Koa's `del` is for engines without `.delete`. */
const VERBS: Readonly<Record<string, string>> = { all: 'GET', del: 'DELETE' };

/** Read before parsing: most files of a project say nothing of a server. */
const MENTIONS_SERVER =
  /\blisten\b|\bserve\b|\bcreateServer\b|@Controller\b|\bsetGlobalPrefix\b|['"`](?:[A-Z]+ )?\/[^'"`]*['"`]/;
const PORT_ENV = /\bprocess\.env(?:\.|\[\s*['"])(\w*PORT\w*)/;

const MAX_ROUTES = 50;

export function findServerTraces(text: string, file: string): ServerTraces | undefined {
  if (!MENTIONS_SERVER.test(text)) return undefined;
  const program = parseSource(text, file);
  if (program === undefined) return undefined;
  const constants = constantsOf(program);
  const bindings = bindingsOf(program);
  const routers = new Routers(constants, bindings);
  const found: FoundRoute[] = [];
  const mounts: Mount[] = [];
  const globalPrefixes: string[] = [];
  const listeners: Call[] = [];
  walk(program, (node, above) => {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.init) {
      routers.declare(node.id.name, node.init);
    }
    if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression') {
      const outer = above.at(-1);
      // What Fastify gives to a plugin that is written in place, whatever it is called there.
      const isPlugin = outer?.type === 'CallExpression' && calledMember(outer) === 'register';
      const [instance] = node.params;
      if (isPlugin && instance?.type === 'Identifier') routers.add(instance.name, '');
    }
    if (node.type === 'CallExpression') {
      if (isListening(node)) listeners.push(node);
      found.push(...calledRoutes(node, routers, constants));
      mounts.push(...mountsOfCall(node, routers, constants, bindings));
      if (calledMember(node) === 'setGlobalPrefix') {
        globalPrefixes.push(literalText(node.arguments[0], constants) ?? '');
      }
    }
    if (node.type === 'ClassDeclaration') found.push(...nestRoutes(node, constants));
    found.push(...comparedRoutes(node, above, constants));
  });
  const routes = found.map(({ method, path, router, at }) => ({
    method: VERBS[method.toLowerCase()] ?? method.toUpperCase(),
    path: joinPaths(...enclosingPrefixes(mounts, at), routers.prefixOf(router, mounts), path),
    router,
  }));
  const isNothing = [routes, listeners, globalPrefixes, mounts.filter(({ binding }) => binding)].every(
    ({ length }) => length === 0,
  );
  if (isNothing) return undefined;
  const unique = new Map(
    routes.map((route) => [`${route.method} ${route.path} ${route.router ?? ''}`, route]),
  );
  return {
    routes: [...unique.values()].slice(0, MAX_ROUTES),
    mounts: mounts.flatMap(({ prefix, parent, binding, at }) =>
      binding === undefined
        ? []
        : [
            {
              prefix: joinPaths(...enclosingPrefixes(mounts, at), routers.prefixOf(parent, mounts), prefix),
              binding,
            },
          ],
    ),
    globalPrefix: globalPrefixes[0] ?? null,
    listens: listeners.length > 0,
    portEnv: PORT_ENV.exec(text)?.[1] ?? null,
  };
}

/** `server.listen(…)`, and the `serve(…)` of Hono, Bun and Deno. */
function isListening(call: Call): boolean {
  const member = calledMember(call);
  if (member !== undefined) return member === 'listen' || (member === 'serve' && isRuntime(call));
  return call.callee.type === 'Identifier' && call.callee.name === 'serve';
}

function isRuntime(call: Call): boolean {
  const object = calledObject(call);
  return object?.type === 'Identifier' && /^(?:Bun|Deno)$/.test(object.name);
}
