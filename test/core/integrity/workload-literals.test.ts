import { expect, it } from 'vitest';
import { workloadLiterals } from '../../../src/core/integrity/workload-literals.ts';
import { goalsSchema, NO_GOALS } from '../../../src/core/model/goals.ts';

const literalsOf = (workload: Record<string, unknown>): readonly string[] => {
  const [parsed] = goalsSchema.parse({ ...NO_GOALS, workloads: [{ name: 'w', ...workload }] }).workloads;
  if (parsed === undefined) throw new Error('no workload');
  return workloadLiterals(parsed);
};

it('are what requests differ by, and not the routes that every router knows', () => {
  expect(
    literalsOf({
      kind: 'http',
      start: { command: ['node', 'server.js'] },
      requests: [
        { path: '/posts?page=17&tag=node' },
        { path: '/users/4711/friends' },
        { path: '/orders', method: 'POST', body: { items: [{ sku: 'A-1', count: 3 }] } },
      ],
    }),
  ).toEqual(['/posts?page=17&tag=node', '17', 'node', '4711', 'A-1', '3']);
});

it.each([
  [{ kind: 'function', module: 'a.js', args: { json: ['abc', [1, { deep: 'x' }]] } }, ['abc', '1', 'x']],
  [{ kind: 'function', module: 'a.js', args: { module: 'b.js' }, sizes: [100, 3200] }, ['100', '3200']],
  [{ kind: 'command', command: ['a', '{n}'], parameters: { n: [10, 'big'] } }, ['10', 'big']],
  [
    {
      kind: 'query',
      database: { engine: 'postgres', url_env: 'URL' },
      sql: 'select $1',
      params: [['a@b.c'], [7]],
    },
    ['a@b.c', '7'],
  ],
])('of %j: %j', (workload, literals) => {
  expect(literalsOf(workload)).toEqual(literals);
});
