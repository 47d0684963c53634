import { setTimeout as sleep } from 'node:timers/promises';
import { quoteOne } from './quotes.mjs';

/** In ms: somebody once thought that the carrier's computer needs it. */
const POLITENESS_MS = 5;

/** A quote for one parcel. */
export async function answer(postcode, grams) {
  await sleep(POLITENESS_MS);
  return quoteOne({ postcode, grams });
}
