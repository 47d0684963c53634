import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** The sandbox of the payment provider takes about as long as the real one, and never declines. */
const ANSWER_MS = 12;

/** Resolves to the reference of the payment. */
export async function charge({ buyer, amountCents, purpose }) {
  await sleep(ANSWER_MS);
  return createHash('sha256').update(`${buyer} ${amountCents} ${purpose}`).digest('hex').slice(0, 16);
}
