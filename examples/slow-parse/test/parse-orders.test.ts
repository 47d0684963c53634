import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exports } from '../bench/exports.ts';
import { parseOrders } from '../src/parse-orders.ts';

const HEADER = 'order,customer,article,quantity,cents';

test('collects the lines of an order, wherever they stand, in the order of first appearance', () => {
  const text = `${HEADER}\nA-2,Kim,lamp,2,1500\nA-1,Lee,desk,1,20000\nA-2,Kim,"plug, white",1,300\n`;
  assert.deepEqual(parseOrders(text), [
    {
      id: 'A-2',
      customer: 'Kim',
      lines: [
        { article: 'lamp', quantity: 2, cents: 1500 },
        { article: 'plug, white', quantity: 1, cents: 300 },
      ],
      totalCents: 3300,
    },
    {
      id: 'A-1',
      customer: 'Lee',
      lines: [{ article: 'desk', quantity: 1, cents: 20000 }],
      totalCents: 20000,
    },
  ]);
});

test('takes quotes, line breaks in fields, a missing last line break and an id that is a name of Object', () => {
  const text = `${HEADER}\n__proto__,"a ""b""\nc",x,1,1\nconstructor,d,y,1,2`;
  const orders = parseOrders(text);
  assert.deepEqual(
    orders.map(({ id, customer }) => [id, customer]),
    [
      ['__proto__', 'a "b"\nc'],
      ['constructor', 'd'],
    ],
  );
});

test('takes an export without orders, and refuses what is none', () => {
  assert.deepEqual(parseOrders(`${HEADER}\n`), []);
  assert.throws(() => parseOrders('a,b\n'), SyntaxError);
  assert.throws(() => parseOrders(`${HEADER}\nA-1,"never closed`), SyntaxError);
  assert.throws(() => parseOrders(`${HEADER}\nA-1,"closed"x,y,1,1`), SyntaxError);
});

test('reads the inputs of the benchmark as they were made', () => {
  const [[text]] = exports(500) as [[string]];
  const orders = parseOrders(text);
  assert.equal(
    orders.reduce((sum, { lines }) => sum + lines.length, 0),
    500,
  );
  assert.equal(new Set(orders.map(({ id }) => id)).size, orders.length);
  assert.ok(orders.some(({ lines }) => lines.some(({ article }) => article === '24" screen')));
});
