import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../src/answer.mjs';
import { quoteAll } from '../src/quotes.mjs';

test('a parcel costs what its zone and its weight cost', () => {
  const { quotes, totalCents } = quoteAll([
    { postcode: '10000', grams: 500 },
    { postcode: '10060', grams: 12_000 },
  ]);
  assert.deepEqual(
    quotes.map(({ zone, cents }) => [zone, cents]),
    [
      [1, 350],
      [4, 980],
    ],
  );
  assert.equal(totalCents, 1330);
});

test('nobody is turned away: unknown postcodes are the farthest zone, heavy parcels the last step', () => {
  const { quotes } = quoteAll([{ postcode: '00000', grams: 900_000 }]);
  assert.deepEqual(quotes, [{ postcode: '00000', zone: 5, cents: 1490, text: 'zone 5: 14.90 EUR' }]);
});

test('the service answers with a quote', async () => {
  assert.deepEqual(await answer('10060', 12_000), {
    postcode: '10060',
    zone: 4,
    cents: 980,
    text: 'zone 4: 9.80 EUR',
  });
});
