/** What plain patterns see of a server in a source text: candidates for a person to confirm, never facts. */
export interface ServerTraces {
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  readonly listens: boolean;
  readonly portEnv: string | null;
}

const METHODS = 'get|post|put|patch|delete|head|options|all';
const QUOTED_PATH = '([\'"`])(/[^\'"`\\s]*)\\';

/**
 * `app.get('/x'`, `fastify.post<Schema>('/x'`, `router.route('/x').get(`. The receiver is named as frameworks'
 * examples name it, because `map.get('/x')` and `axios.get('/x')` look the same.
 */
const CALL = new RegExp(
  `\\b(?:app|api|server|fastify|router|routes|\\w*Router|instance|koa|http)\\s*\\.\\s*(${METHODS})\\s*(?:<[^()]{0,200}>)?\\(\\s*${QUOTED_PATH}2`,
  'g',
);
const CHAINED = new RegExp(`\\.route\\(\\s*${QUOTED_PATH}1\\s*\\)\\s*\\.(${METHODS})\\b`, 'g');
/** Fastify's `.route({ method: 'GET', url: '/x' })`, hapi's with `path`; fields in either order. */
const ROUTE_OBJECT = /\.route\(\s*\{([^{}]{0,400})/g;
const METHOD_FIELD = new RegExp(`\\bmethod\\s*:\\s*\\[?\\s*['"\`](${METHODS})['"\`]`, 'i');
const PATH_FIELD = new RegExp(`\\b(?:url|path)\\s*:\\s*${QUOTED_PATH}1`);
/** node:http: `req.url === '/x'`, `url.pathname == '/x'`, `case '/x':` after a switch over one of them. */
const COMPARED = new RegExp(`\\b(?:url|pathname|path)\\s*===?\\s*${QUOTED_PATH}1`, 'g');
const SWITCHED = /\bswitch\s*\(\s*[\w.]*(?:url|pathname|path)\s*\)/;
const CASE = new RegExp(`\\bcase\\s+${QUOTED_PATH}1\\s*:`, 'g');

const LISTEN = /(?:\.listen\s*\(|\bserve\s*\(\s*\{|\bBun\.serve\b|\bDeno\.serve\b)/;
const PORT_ENV = /\bprocess\.env(?:\.|\[\s*['"])(\w*PORT\w*)/;

const MAX_ROUTES = 50;

export function findServerTraces(source: string): ServerTraces | undefined {
  const text = blankComments(source);
  const routes = [...findRoutes(text)];
  const listens = LISTEN.test(text);
  if (routes.length === 0 && !listens) return undefined;
  const unique = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  return {
    routes: [...unique.values()].slice(0, MAX_ROUTES),
    listens,
    portEnv: PORT_ENV.exec(text)?.[1] ?? null,
  };
}

function* findRoutes(text: string): Generator<{ readonly method: string; readonly path: string }> {
  for (const [, method = '', , path = ''] of text.matchAll(CALL)) yield toRoute(method, path);
  for (const [, , path = '', method = ''] of text.matchAll(CHAINED)) yield toRoute(method, path);
  for (const [, fields = ''] of text.matchAll(ROUTE_OBJECT)) {
    const path = PATH_FIELD.exec(fields)?.[2];
    if (path !== undefined) yield toRoute(METHOD_FIELD.exec(fields)?.[1] ?? 'get', path);
  }
  for (const [, , path = ''] of text.matchAll(COMPARED)) yield toRoute('get', path);
  if (SWITCHED.test(text)) for (const [, , path = ''] of text.matchAll(CASE)) yield toRoute('get', path);
}

function toRoute(method: string, path: string): { readonly method: string; readonly path: string } {
  return { method: method.toLowerCase() === 'all' ? 'GET' : method.toUpperCase(), path };
}

/** Only whole-line comments: cutting behind every `//` would cut URLs in strings. */
function blankComments(text: string): string {
  return text.replace(/^[ \t]*(?:\/\/|\*|\/\*).*$/gm, '');
}
