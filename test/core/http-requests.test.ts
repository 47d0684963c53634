import { describe, expect, it } from 'vitest';
import { toLoadRequests } from '../../src/core/http-requests.ts';
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
      headers: { 'content-type': 'application/json' },
    });
  });

  it('leaves a content type that is said, however it is written', () => {
    const headers = { 'Content-Type': 'application/vnd.api+json' };
    expect(send({ method: 'POST', path: '/', headers, body: { a: 1 } })?.headers).toEqual(headers);
    expect(send({ method: 'POST', path: '/', body: '{"a":1}' })?.headers).toEqual({});
  });
});
