import type { HttpRequest } from '../model/goals.ts';
import { isRecord, listFew } from './imported-requests.ts';
import type { Missing } from './imported-requests.ts';
import { MASKED, maskParameters, maskSecrets } from './secret-names.ts';

/** `a=1&b=2`, and nothing with spaces or lines. */
const FORM = /^[^\s=&]+=[^\s&]*(?:&[^\s=&]+=[^\s&]*)*$/;

/** The request without secrets in its query and body; the names of what was masked are added to `masked`. */
export function maskRequest<Request extends Pick<HttpRequest, 'path' | 'body'>>(
  request: Request,
  masked: Set<string>,
): Request {
  const { path, body } = request;
  const start = path.indexOf('?');
  return {
    ...request,
    path: start === -1 ? path : `${path.slice(0, start)}?${maskParameters(path.slice(start + 1), masked)}`,
    ...(body === undefined ? {} : { body: maskBody(body, masked) }),
  };
}

export function maskBody(
  body: NonNullable<HttpRequest['body']>,
  masked: Set<string>,
): NonNullable<HttpRequest['body']> {
  if (typeof body === 'string') {
    if (FORM.test(body)) return maskParameters(body, masked);
    const value = parseObject(body);
    return value === undefined ? body : JSON.stringify(maskSecrets(value, masked));
  }
  const safe = maskSecrets(body, masked);
  if (Array.isArray(safe)) return [...(safe as readonly unknown[])];
  return isRecord(safe) ? { ...safe } : {};
}

export function maskedNote(masked: ReadonlySet<string>): readonly Missing[] {
  if (masked.size === 0) return [];
  return [
    {
      what: `values of ${listFew([...masked])}`,
      why: `look like secrets and were replaced by "${MASKED}"; use those of a test account`,
    },
  ];
}

/** Of a text that is JSON with members: what could hold a secret. */
function parseObject(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
