import type { HttpRequest } from '../model/goals.ts';
import { isRecord } from './imported-requests.ts';

/** Different ids of one route that are kept: enough to see that they vary, few enough to read. */
const MAX_VARIANTS = 3;
/** Highest weight that goals.json takes. */
const MAX_WEIGHT = 1000;

export interface ChosenRequests {
  readonly requests: readonly HttpRequest[];
  readonly routes: { readonly kept: number; readonly all: number };
}

interface Seen {
  readonly request: HttpRequest;
  readonly count: number;
}

/**
 * The most frequent routes, each with its most frequent variants. The weights of a route's variants add up to its
 * frequency, so that leaving out the rest of them does not change the mix.
 */
export function chooseByRoute(requests: readonly HttpRequest[], most: number): ChosenRequests {
  const routes = new Map<string, Map<string, Seen>>();
  for (const request of requests) {
    const route = routes.get(routeOf(request)) ?? new Map<string, Seen>();
    const key = JSON.stringify(request);
    route.set(key, { request, count: (route.get(key)?.count ?? 0) + 1 });
    routes.set(routeOf(request), route);
  }
  const ranked = [...routes.values()]
    .map((route) => [...route.values()].sort((a, b) => b.count - a.count))
    .sort((a, b) => total(b) - total(a))
    .slice(0, most);
  const variants = Math.max(1, Math.min(MAX_VARIANTS, Math.floor(most / ranked.length)));
  const chosen = ranked.flatMap((route) => {
    const kept = route.slice(0, variants);
    return kept.map(({ request, count }) => ({ request, weight: (count * total(route)) / total(kept) }));
  });
  const scale = Math.min(1, MAX_WEIGHT / Math.max(...chosen.map(({ weight }) => weight)));
  return {
    requests: chosen.map(({ request, weight }) => ({
      ...request,
      weight: Math.max(1, Math.round(weight * scale)),
    })),
    routes: { kept: ranked.length, all: routes.size },
  };
}

function total(variants: readonly Seen[]): number {
  return variants.reduce((sum, { count }) => sum + count, 0);
}

const ID = /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,})$/i;

/**
 * What requests with different ids have in common: `GET /posts/{id}?page`. Numbers, UUIDs and long hexadecimal texts are
 * ids; a GraphQL operation is a route of its own, although all have one address.
 */
function routeOf({ method = 'GET', path: address, body }: HttpRequest): string {
  const [path = '', query = ''] = address.split('?', 2);
  const shape = path.split('/').map((part) => (ID.test(part) ? '{id}' : part));
  const names = [...new Set(query.split('&').map((pair) => pair.split('=', 1)[0]))].sort();
  const operation = isRecord(body) && typeof body['operationName'] === 'string' ? body['operationName'] : '';
  return `${method} ${shape.join('/')}?${names.join('&')} ${operation}`;
}
