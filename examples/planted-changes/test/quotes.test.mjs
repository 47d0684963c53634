import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../src/answer.mjs';
import { quoteAll } from '../src/quotes.mjs';

test('a parcel costs what its zone and its weight cost', () => {
  const { quotes, totalCents } = quoteAll([
    { postcode: '10000', grams: 500 },
    { postcode: '10090', grams: 6000 },
  ]);
  assert.deepEqual(
    quotes.map(({ zone, cents }) => [zone, cents]),
    [
      [1, 350],
      [3, 650],
    ],
  );
  assert.equal(totalCents, 1000);
});

test('nobody is turned away: unknown postcodes are the farthest zone, heavy parcels the last step', () => {
  const { quotes } = quoteAll([{ postcode: '00000', grams: 900_000 }]);
  assert.deepEqual(quotes, [{ postcode: '00000', zone: 5, cents: 1490, text: 'zone 5: 14.90 EUR' }]);
});

test('the service answers with a quote', async () => {
  assert.deepEqual(await answer('10090', 6000), {
    postcode: '10090',
    zone: 3,
    cents: 650,
    text: 'zone 3: 6.50 EUR',
  });
});
