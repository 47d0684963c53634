import { expect, test } from 'vitest';
import { explainIssues } from '../../src/core/explain-issues.ts';
import { goalsSchema } from '../../src/core/model/goals.ts';

const workload = {
  name: 'list-posts',
  kind: 'http',
  start: { command: ['node', 'server.mjs'] },
  requests: [{ path: '/posts' }],
};

function explain(change: object): readonly string[] {
  const input = { workloads: [workload], objectives: [], constraints: [], ...change };
  const parsed = goalsSchema.safeParse(input);
  if (parsed.success) return [];
  return explainIssues(goalsSchema, parsed.error, input).map((issue) => `${issue.at}: ${issue.message}`);
}

test.each([
  ['a valid one', {}, []],
  [
    'an unknown name deep in a workload',
    { workloads: [{ ...workload, requests: [{ path: '/', wait: 1, expect: { code: 200 } }] }] },
    [
      'workloads[0].requests[0].expect.code: unknown name; allowed here: status, headers, body_includes, json',
      'workloads[0].requests[0].wait: unknown name; allowed here: name, method, path, headers, body, expect, weight',
    ],
  ],
  [
    'an unknown name at the top',
    { worklods: [] },
    [
      'worklods: unknown name; allowed here: $schema, version, workloads, objectives, constraints, correctness, prices',
    ],
  ],
  [
    'an unknown kind',
    { workloads: [{ ...workload, kind: 'grpc' }] },
    ['workloads[0].kind: "kind" must be "http" or "function" or "command" or "query"'],
  ],
  [
    'a wrong word',
    { constraints: [{ name: 'c', kind: 'hardwear' }] },
    ['constraints[0].kind: must be "hardware" or "quota" or "architecture" or "compatibility" or "other"'],
  ],
  [
    'none of the forms of a union',
    { workloads: [{ ...workload, start: { ...workload.start, ready: { url: '/' } } }] },
    ['workloads[0].start.ready: must be { path } or { port } or { output }'],
  ],
  [
    'none of the types of a union',
    { workloads: [{ ...workload, requests: [{ path: '/', body: 7 }] }] },
    ['workloads[0].requests[0].body: must be string or an object or array'],
  ],
  [
    'two bounds',
    { objectives: [{ workload: 'list-posts', metric: 'error_rate', max: 1, min: 0 }] },
    ['objectives[0]: give exactly one of "max" and "min"'],
  ],
])('%s', (_, change, expected) => {
  expect(explain(change)).toEqual(expected);
});
