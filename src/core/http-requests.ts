import type { HttpRequest, HttpWorkload } from './model/goals.ts';
import type { LoadRequest } from './ports/load.ts';

/** The requests of a workload with every default filled in. Bodies that are not strings are sent as JSON. */
export function toLoadRequests(workload: HttpWorkload): readonly LoadRequest[] {
  return workload.requests.map(toLoadRequest);
}

function toLoadRequest(request: HttpRequest): LoadRequest {
  const isJson = request.body !== undefined && typeof request.body !== 'string';
  const body = isJson ? JSON.stringify(request.body) : request.body;
  const hasType = Object.keys(request.headers ?? {}).some((name) => name.toLowerCase() === 'content-type');
  return {
    name: request.name ?? `${request.method ?? 'GET'} ${request.path}`,
    method: request.method ?? 'GET',
    path: request.path,
    headers: { ...(isJson && !hasType ? { 'content-type': 'application/json' } : {}), ...request.headers },
    ...(typeof body === 'string' ? { body } : {}),
    weight: request.weight ?? 1,
    expect: {
      ...(request.expect?.status === undefined ? {} : { status: request.expect.status }),
      ...(request.expect?.body_includes === undefined ? {} : { bodyIncludes: request.expect.body_includes }),
    },
  };
}
