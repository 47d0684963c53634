import { compileTemplate } from '../../core/load/templates.ts';
import type { Lookup } from '../../core/load/templates.ts';
import type { LoadRequest } from '../../core/ports/load.ts';
import type { HttpCall } from './connection-pool.ts';

/** The request with every template filled in, and the Host header that the plan named. */
export function compileCall(
  request: Omit<LoadRequest, 'weight' | 'name' | 'expect'>,
  host: string,
  wholeBody: boolean,
): (lookup: Lookup) => HttpCall {
  const { method } = request;
  const path = compileTemplate(request.path, 'path');
  const hasHost = Object.keys(request.headers).some((name) => name.toLowerCase() === 'host');
  const headers = Object.entries(hasHost ? request.headers : { host, ...request.headers }).map(
    ([name, value]) => [name, compileTemplate(value, 'header')] as const,
  );
  const body =
    request.body === undefined
      ? undefined
      : compileTemplate(request.body, request.bodyIsJson === true ? 'json' : 'text');
  return (lookup) => ({
    method,
    path: path(lookup),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, value(lookup)])),
    ...(body === undefined ? {} : { body: body(lookup) }),
    wholeBody,
  });
}
