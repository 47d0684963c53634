import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

const RECEIPT = readFileSync(new URL('../views/receipt.hbs', import.meta.url), 'utf8');

/** The page of a receipt, as HTML. */
export function renderReceipt(receipt) {
  const page = Handlebars.compile(RECEIPT, { strict: false, knownHelpersOnly: true });
  return page(receipt);
}
