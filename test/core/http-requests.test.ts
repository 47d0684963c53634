import { describe, expect, it } from 'vitest';
import {
  hasPauses,
  requestsPerArrival,
  toLoadJourneys,
  toLoadRequests,
} from '../../src/core/http-requests.ts';
import type { HttpRequest } from '../../src/core/model/goals.ts';
import { WORKLOAD } from '../support/fake-ports.ts';

const send = (request: HttpRequest) => toLoadRequests({ ...WORKLOAD, requests: [request] })[0];

describe('toLoadRequests', () => {
  it('fills in every default', () => {
    expect(send({ path: '/a?b=1' })).toEqual({
      name: 'GET /a?b=1',
      method: 'GET',
      path: '/a?b=1',
      headers: {},
      weight: 1,
      expect: {},
    });
  });

  it('keeps what is said', () => {
    const request: HttpRequest = {
      name: 'create',
      method: 'POST',
      path: '/posts',
      headers: { Accept: 'text/plain' },
      body: 'plain',
      weight: 3,
      expect: { status: 201, body_includes: 'id' },
    };
    expect(send(request)).toEqual({ ...request, expect: { status: 201, bodyIncludes: 'id' } });
  });

  it.each([[{ title: 'é' }], [[1, 2]], [{}]])('sends %j as JSON', (body) => {
    expect(send({ method: 'POST', path: '/', body })).toMatchObject({
      body: JSON.stringify(body),
      bodyIsJson: true,
      headers: { 'content-type': 'application/json' },
    });
  });

  it('leaves a content type that is said, however it is written', () => {
    const headers = { 'Content-Type': 'application/vnd.api+json' };
    expect(send({ method: 'POST', path: '/', headers, body: { a: 1 } })?.headers).toEqual(headers);
    expect(send({ method: 'POST', path: '/', body: '{"a":1}' })?.headers).toEqual({});
  });
});

describe('toLoadJourneys', () => {
  const JOURNEY = {
    name: 'buy',
    steps: [
      {
        path: '/login',
        method: 'POST' as const,
        body: { user: '{{user}}' },
        extract: { token: { json: '$.t' } },
      },
      { path: '/cart', think_ms: 50, expect: { json: { '$.ok': true }, headers: { etag: 'a' } } },
      { path: '/pay', think_ms: [10, 20] as [number, number] },
    ],
  };
  const workload = { ...WORKLOAD, journeys: [JOURNEY] };

  it('fills in every default', () => {
    expect(toLoadJourneys(WORKLOAD)).toBeUndefined();
    expect(toLoadJourneys(workload)).toMatchObject([
      {
        name: 'buy',
        weight: 1,
        cookies: false,
        steps: [
          { name: 'POST /login', bodyIsJson: true, extract: { token: { json: '$.t' } }, expect: {} },
          {
            name: 'GET /cart',
            thinkMs: [50, 50],
            expect: { json: { '$.ok': true }, headers: { etag: 'a' } },
          },
          { thinkMs: [10, 20] },
        ],
      },
    ]);
  });

  it('counts the requests of an arrival by the weights', () => {
    expect(requestsPerArrival(WORKLOAD)).toBe(1);
    expect(requestsPerArrival(workload)).toBe(2);
    expect(requestsPerArrival({ ...workload, journeys: [{ ...JOURNEY, weight: 3 }] })).toBe(2.5);
    expect([hasPauses(WORKLOAD), hasPauses(workload)]).toEqual([false, true]);
  });
});
