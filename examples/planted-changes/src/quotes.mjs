import { centsOf } from './tariff.mjs';
import { zoneOf } from './zones.mjs';

/** What a list of parcels costs: each with its zone, and the sum. */
export function quoteAll(parcels) {
  const quotes = parcels.map((parcel) => quoteOne(parcel));
  return { quotes, totalCents: quotes.reduce((sum, { cents }) => sum + cents, 0) };
}

export function quoteOne({ postcode, grams }) {
  const zone = zoneOf(postcode);
  const cents = centsOf(grams, zone);
  return { postcode, zone, cents, text: `zone ${zone}: ${(cents / 100).toFixed(2)} EUR` };
}
