import type { HttpRequest } from '../model/goals.ts';
import type { HarCall } from './har-calls.ts';
import { isRecord } from './imported-requests.ts';
import { maskRequest } from './mask-request.ts';
import { isSecretName } from './secret-names.ts';
import type { Tally } from './tally.ts';

/** What did not get into the requests, by name; filled while they are made. */
export interface HarOmissions {
  readonly headers: Set<string>;
  readonly fields: Set<string>;
  /** Requests whose body the recording lacks. */
  readonly bodies: Set<string>;
}

/** Longer bodies make goals.json unreadable, and belong into a data file. */
const MAX_BODY_CHARACTERS = 16 * 1024;

/**
 * What browsers, proxies and connections add by themselves. Headers of an API's own change the answer and are kept; an
 * `accept` only where it names one type, since browsers send a list of everything.
 */
const BROWSER_HEADER =
  /^(?::.*|sec-.*|accept-(?:encoding|language|charset)|access-control-.*|alt-used|cache-control|connection|content-length|content-type|dnt|expect|host|http2-settings|if-.*|keep-alive|origin|pragma|priority|proxy-.*|purpose|range|referer|te|trailer|transfer-encoding|upgrade.*|user-agent|via|x-forwarded-.*|x-requested-with|x-devtools-.*|x-client-data|traceparent|tracestate|baggage)$/;

/** Undefined, with the reason in `leftOut`, for what cannot be repeated. */
export function toHarRequest(call: HarCall, omitted: HarOmissions, leftOut: Tally): HttpRequest | undefined {
  const { method, url, entry } = call;
  const type = typeOf(call);
  if (type.startsWith('multipart/')) {
    leftOut.add('uploads (multipart)');
    return undefined;
  }
  const body = bodyOf(call, type);
  if (body !== undefined && JSON.stringify(body).length > MAX_BODY_CHARACTERS) {
    leftOut.add(`bodies over ${MAX_BODY_CHARACTERS / 1024} KiB`);
    return undefined;
  }
  if (body === undefined && type !== '') omitted.bodies.add(`${method} ${url.pathname}`);
  const headers = [
    ...ownHeaders(call, omitted.headers),
    ...(typeof body === 'string' && type !== '' ? [['content-type', type] as const] : []),
  ];
  // Without the headers of a conditional request, what was "not modified" is answered in full.
  const status = entry.response.status === 304 ? 200 : entry.response.status;
  return maskRequest(
    {
      method,
      path: `${url.pathname}${url.search}`,
      ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
      ...(body === undefined ? {} : { body }),
      expect: { status },
    },
    omitted.fields,
  );
}

function ownHeaders({ entry }: HarCall, secret: Set<string>): readonly (readonly [string, string])[] {
  return entry.request.headers
    .map(({ name, value }) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => {
      if (name === 'accept') return /^[\w.+-]+\/[\w.+-]+$/.test(value);
      if (BROWSER_HEADER.test(name)) return false;
      if (isSecretName(name)) secret.add(name);
      return !isSecretName(name);
    });
}

/** Of the body; empty for a request that sends none. */
function typeOf({ method, entry: { request } }: HarCall): string {
  if (method === 'GET' || method === 'HEAD') return '';
  const stated = request.headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value;
  return request.postData?.mimeType || (stated ?? '');
}

/** As it was sent, or as recorders split it; undefined when the recording lacks it. */
function bodyOf({ entry: { request } }: HarCall, type: string): NonNullable<HttpRequest['body']> | undefined {
  const { text = '', params = [] } = request.postData ?? {};
  const isJson = /[/+]json\b/i.test(type);
  if (text === '' && params.length === 0) return undefined;
  if (text === '') {
    const members = params.map(({ name, value }) => [name, value] as const);
    if (isJson) return asJsonBody(Object.fromEntries(members), type);
    return members
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(show(value))}`)
      .join('&');
  }
  if (!isJson) return text;
  try {
    return asJsonBody(JSON.parse(text), type);
  } catch {
    // Sent with the type of JSON without being it; the server got these characters, so they are repeated.
    return text;
  }
}

/** Written out where goals.json would send it with another type, or as a plain text. */
function asJsonBody(value: unknown, type: string): NonNullable<HttpRequest['body']> {
  if (!/^application\/json\b/i.test(type)) return JSON.stringify(value);
  if (Array.isArray(value)) return [...(value as readonly unknown[])];
  return isRecord(value) ? { ...value } : JSON.stringify(value);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
