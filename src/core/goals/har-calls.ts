import type { HarEntry } from './har-entries.ts';
import { toMethod } from './imported-requests.ts';
import type { Method } from './imported-requests.ts';
import type { Tally } from './tally.ts';

/** One recorded call that a server computed an answer to. */
export interface HarCall {
  readonly method: Method;
  readonly url: URL;
  readonly entry: HarEntry;
}

const STATIC_TYPES = new Set(['script', 'stylesheet', 'image', 'font', 'media', 'manifest', 'texttrack']);
const STATIC_MIME = /^(?:image|font|audio|video)\/|javascript|ecmascript|^text\/css|wasm|manifest\+json/;
const STATIC_PATH = /\.(?:m?js|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|otf|mp[34]|webm|wasm)$/i;
const ENDLESS_TYPES = new Set(['websocket', 'eventsource', 'ping', 'cspviolationreport']);

/** Why an entry is no call to repeat; the first reason counts. */
const REASONS: readonly (readonly [string, (entry: HarEntry, url: URL) => boolean])[] = [
  [
    'preflights',
    ({ request, _resourceType: type }) => /^options$/i.test(request.method) || type === 'preflight',
  ],
  [
    'sockets, streams and beacons',
    ({ response, _resourceType: type = '' }) =>
      ENDLESS_TYPES.has(type) ||
      response.status === 101 ||
      response.content.mimeType.startsWith('text/event-stream'),
  ],
  ['answers from the cache', ({ _fromCache: cache }) => cache !== undefined],
  [
    'static assets',
    ({ response, _resourceType: type = '' }, url) =>
      STATIC_TYPES.has(type) || STATIC_MIME.test(response.content.mimeType) || STATIC_PATH.test(url.pathname),
  ],
  ['calls without an answer', ({ response }) => response.status < 100],
  ['failed calls', ({ response }) => response.status >= 400],
];

/**
 * The calls to the origin that gets most of them. Pages count only where there are no other calls: beside an API they
 * are the shell of an app, without one they are what the server computes.
 */
export function servedCalls(entries: readonly (HarEntry | undefined)[], leftOut: Tally): readonly HarCall[] {
  const calls = entries.flatMap((entry) => toCall(entry, leftOut));
  const api = calls.filter((call) => !isPage(call));
  if (api.length > 0) leftOut.add('pages', calls.length - api.length);
  const served = api.length > 0 ? api : calls;
  const byOrigin = new Map<string, number>();
  for (const { url } of served) byOrigin.set(url.origin, (byOrigin.get(url.origin) ?? 0) + 1);
  const [most] = [...byOrigin].sort(([, a], [, b]) => b - a);
  const kept = served.filter(({ url }) => url.origin === most?.[0]);
  leftOut.add('calls to other origins', served.length - kept.length);
  return kept;
}

function toCall(entry: HarEntry | undefined, leftOut: Tally): readonly HarCall[] {
  const refuse = (reason: string): readonly HarCall[] => {
    leftOut.add(reason);
    return [];
  };
  if (entry === undefined) return refuse('unreadable entries');
  const method = toMethod(entry.request.method);
  const url = URL.canParse(entry.request.url) ? new URL(entry.request.url) : undefined;
  if (method === undefined || url === undefined || !/^https?:$/.test(url.protocol)) {
    return refuse('other protocols');
  }
  const reason = REASONS.find(([, applies]) => applies(entry, url))?.[0];
  return reason === undefined ? [{ method, url, entry }] : refuse(reason);
}

function isPage({ entry: { response, _resourceType: type } }: HarCall): boolean {
  return type === undefined ? response.content.mimeType.startsWith('text/html') : type === 'document';
}
