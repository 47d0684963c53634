export interface Route {
  readonly method: string;
  readonly path: string;
}

/** Words that frameworks have for methods, in lower case. */
export const ROUTE_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'options', 'all'];

/** As a source text writes it, before it is put below the prefixes around it. */
export interface FoundRoute extends Route {
  /** The name that the route was added to. */
  readonly router: string | null;
  /** Offset in the text, for plugins that are written in place. */
  readonly at: number;
}

/** `/api` + `/` + `posts/:id` is `/api/posts/:id`. */
export function joinPaths(...parts: readonly string[]): string {
  const joined = parts
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/');
  return `/${joined}`;
}
