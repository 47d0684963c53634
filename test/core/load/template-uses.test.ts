import { expect, it } from 'vitest';
import { templateUses } from '../../../src/core/load/template-uses.ts';

it('names what the data has to give, request by request and step by step', () => {
  const uses = templateUses({
    requests: [{ path: '/plain' }, { path: '/{{id}}', headers: { 'x-a': '{{id}}{{tenant}}' } }],
    journeys: [
      {
        name: 'buy',
        steps: [
          { path: '/login', body: { user: ['{{user}}'] }, extract: { token: {} } },
          { path: '/{{token}}', body: '{{user}} {{token}} {{amount}}' },
        ],
      },
    ],
  });
  expect(uses).toEqual([
    { path: ['requests', 1], where: 'request 2', names: ['id', 'tenant'] },
    { path: ['journeys', 0, 'steps', 0], where: 'step 1 of journey "buy"', names: ['user'] },
    { path: ['journeys', 0, 'steps', 1], where: 'step 2 of journey "buy"', names: ['user', 'amount'] },
  ]);
});

it('finds nothing where nothing is', () => {
  expect(templateUses({})).toEqual([]);
});
