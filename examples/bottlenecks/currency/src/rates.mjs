import { findPartner } from './partner-process.mjs';

const origin = await findPartner();

/** The rates of the day, for one euro. */
export async function readRates() {
  const response = await fetch(`${origin}/rates/daily`);
  if (!response.ok) throw new Error(`the bank answered ${response.status}`);
  const { day, rates } = await response.json();
  return { day, rates };
}
