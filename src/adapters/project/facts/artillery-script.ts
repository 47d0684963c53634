import { parse } from 'yaml';
import { isRecord, toMethod } from '../../../core/goals/imported-requests.ts';
import type { LoadScriptFacts, SeenRequest } from '../../../core/ports/project.ts';

const MAX_REQUESTS = 20;

/** The requests of an Artillery script (https://www.artillery.io/docs/reference/test-script); undefined for others. */
export function readArtilleryScript(text: string, file: string): LoadScriptFacts | undefined {
  if (!/^\s*["']?scenarios\b/m.test(text)) return undefined;
  let script: unknown;
  try {
    script = parse(text, { logLevel: 'silent' });
  } catch {
    return undefined;
  }
  if (!isRecord(script) || !isRecord(script['config']) || !Array.isArray(script['scenarios']))
    return undefined;
  const { target } = script['config'];
  const base = typeof target === 'string' && URL.canParse(target) ? new URL(target).pathname : '/';
  const requests = script['scenarios'].filter(isRecord).flatMap((scenario) => {
    const weight = typeof scenario['weight'] === 'number' ? scenario['weight'] : 1;
    return requestsOf(scenario['flow'], base.replace(/\/+$/, '')).map((request) => ({ ...request, weight }));
  });
  return { file, tool: 'artillery', requests: requests.slice(0, MAX_REQUESTS) };
}

function requestsOf(flow: unknown, base: string): readonly SeenRequest[] {
  if (!Array.isArray(flow)) return [];
  return flow.filter(isRecord).flatMap((step) => {
    if (Array.isArray(step['loop'])) return requestsOf(step['loop'], base);
    return Object.entries(step).flatMap(([verb, request]) => {
      const method = toMethod(verb);
      if (method === undefined || !isRecord(request) || typeof request['url'] !== 'string') return [];
      const url = request['url'].replace(/^https?:\/\/[^/]*/, '');
      const path = url.startsWith('/') ? `${/^https?:/.test(request['url']) ? '' : base}${url}` : undefined;
      return path === undefined ? [] : [toRequest(method, path, request)];
    });
  });
}

/** `{{ id }}` is known only when the script runs. */
const TEMPLATE = /\{\{[^{}]*\}\}/;
const TEMPLATES = new RegExp(TEMPLATE, 'g');

function toRequest(
  method: NonNullable<SeenRequest['method']>,
  path: string,
  request: Readonly<Record<string, unknown>>,
): SeenRequest {
  const { json, body, qs } = request;
  const query = isRecord(qs)
    ? Object.entries(qs).map(([name, value]) => `${encodeURIComponent(name)}=${textOf(value)}`)
    : [];
  const full = query.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${query.join('&')}`;
  const sent = json ?? body;
  const isFilled = [path, qs, sent].some((one) => TEMPLATE.test(JSON.stringify(one ?? '')));
  return { method, path: full.replaceAll(TEMPLATES, '1'), ...bodyOf(sent), isFilled };
}

function bodyOf(sent: unknown): Pick<SeenRequest, 'body'> {
  if (sent === undefined || sent === null) return {};
  const filled: unknown = JSON.parse(JSON.stringify(sent).replaceAll(TEMPLATES, '1'));
  if (typeof filled === 'string') return { body: filled };
  if (Array.isArray(filled)) return { body: [...(filled as readonly unknown[])] };
  return isRecord(filled) ? { body: { ...filled } } : {};
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(text.replaceAll(TEMPLATES, '1'));
}
