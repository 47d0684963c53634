import { describe, expect, it } from 'vitest';
import { goalsSchema } from '../../../../src/core/model/goals.ts';
import { explainIssues } from '../../../../src/core/explain-issues.ts';
import { WORKLOAD } from '../../../support/fake-ports.ts';

const { start: START, requests: _requests, ...REST } = WORKLOAD;
const STEP = { path: '/a' };
const JOURNEYS = [
  {
    name: 'buy',
    weight: 2,
    cookies: true,
    steps: [
      { path: '/login', method: 'POST', body: { user: '{{user}}' }, extract: { token: { json: '$.token' } } },
      {
        path: '/cart',
        headers: { authorization: 'Bearer {{token}}' },
        think_ms: 50,
        expect: { status: 200, json: { '$.ok': true } },
      },
    ],
  },
];

/** What is wrong with a workload, with the place; empty when it is right. */
function problemsOf(workload: Readonly<Record<string, unknown>>): readonly string[] {
  const goals = { workloads: [workload], objectives: [], constraints: [] };
  const parsed = goalsSchema.safeParse(goals);
  if (parsed.success) return [];
  return explainIssues(goalsSchema, parsed.error, goals).map(
    ({ at, message }) => `${at.replace('workloads[0].', '')}: ${message}`,
  );
}

const journeyOf = (...steps: readonly unknown[]) => ({
  ...REST,
  start: START,
  journeys: [{ name: 'x', steps }],
});

describe('an http workload', () => {
  it('may have journeys, requests or both, and be started or attached to', () => {
    const data = { file: 'bench/users.csv' };
    expect(problemsOf(WORKLOAD)).toEqual([]);
    expect(problemsOf({ ...REST, start: START, journeys: JOURNEYS, data })).toEqual([]);
    expect(problemsOf({ ...WORKLOAD, journeys: JOURNEYS, data })).toEqual([]);
    const attach = { url: 'http://127.0.0.1:8080' };
    expect(problemsOf({ ...REST, attach, requests: [STEP] })).toEqual([]);
  });

  it('is told when it has neither or both', () => {
    expect(problemsOf({ ...REST, start: START })).toEqual([
      'requests: give "requests" or "journeys", or both',
    ]);
    expect(problemsOf({ ...REST, requests: [STEP] })).toEqual([
      'start: give exactly one of "start" and "attach"',
    ]);
    const both = { ...WORKLOAD, attach: { url: 'https://localhost:1' } };
    expect(problemsOf(both)).toEqual(['start: give exactly one of "start" and "attach"']);
  });

  it.each(['127.0.0.1:8080', 'ftp://127.0.0.1', 'http://127.0.0.1/path', 'http://user@127.0.0.1'])(
    'is not attached to %s',
    (url) => {
      expect(problemsOf({ ...REST, attach: { url }, requests: [STEP] })[0]).toMatch(
        /^attach\.url: give an origin/,
      );
    },
  );

  it('says which name has no value, and where', () => {
    const [, cart] = JOURNEYS[0]?.steps ?? [];
    expect(problemsOf(journeyOf(STEP, cart))).toEqual([
      'journeys[0].steps[1]: {{token}} is given a value by no earlier step, and there is no "data"',
    ]);
    // A step's own extraction comes too late for it.
    expect(problemsOf(journeyOf({ path: '/{{id}}', extract: { id: { header: 'x-id' } } }))).toHaveLength(1);
    expect(problemsOf({ ...WORKLOAD, requests: [{ path: '/{{id}}' }] })).toEqual([
      'requests[0]: {{id}} is given a value by no earlier step, and there is no "data"',
    ]);
    // With data it may be a column: the file tells when it is read.
    expect(problemsOf({ ...journeyOf(STEP, cart), data: { file: 'a.jsonl' } })).toEqual([]);
  });

  it.each([
    [{ path: 'a' }, 'path'],
    [{ path: '/a', think_ms: [9, 3] }, 'think_ms'],
    [{ path: '/a', think_ms: -1 }, 'think_ms'],
    [{ path: '/a', extract: { 'a b': { json: '$.a' } } }, 'extract'],
    [{ path: '/a', extract: { a: { json: 'token' } } }, 'extract.a'],
    [{ path: '/a', extract: { a: { json: '$.a', header: 'b' } } }, 'extract.a'],
    [{ path: '/a', expect: { json: { ok: true } } }, 'expect.json'],
  ])('refuses the step %j', (step, place) => {
    expect(problemsOf(journeyOf(step)).join()).toContain(`journeys[0].steps[0].${place}`);
  });

  it('keeps data files and journey names apart', () => {
    const twice = [
      { name: 'x', steps: [STEP] },
      { name: 'x', steps: [STEP] },
    ];
    expect(problemsOf({ ...WORKLOAD, journeys: twice })).toEqual([
      'journeys: give each journey a name of its own',
    ]);
    for (const file of ['../users.csv', '/etc/passwd.csv', 'users.txt'])
      expect(problemsOf({ ...WORKLOAD, data: { file } })).toHaveLength(1);
  });

  it.each([
    ['constant', true],
    ['poisson', true],
    [{ steps: [1, 2, 0] }, true],
    [{ ramp: { from: 0, to: 2 } }, true],
    ['bursts', false],
    [{ steps: [0, 0] }, false],
    [{ ramp: { from: 0, to: 0 } }, false],
    [{ steps: [1], ramp: { from: 1, to: 2 } }, false],
  ])('takes arrivals %j: %s', (arrivals, isRight) => {
    expect(problemsOf({ ...WORKLOAD, load: { arrivals } }).length === 0).toBe(isRight);
  });
});
