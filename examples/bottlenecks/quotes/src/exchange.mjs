import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { findPartner } from './partner-process.mjs';

const ca = readFileSync(new URL('../partner/cert.pem', import.meta.url));
const origin = await findPartner();

/** Today's bid and ask of one paper. */
export async function fetchPrice(symbol) {
  const { status, text } = await get(`${origin}/prices/${encodeURIComponent(symbol)}`);
  if (status !== 200) throw new Error(`the exchange answered ${status} for ${symbol}`);
  return JSON.parse(text);
}

function get(url) {
  const agent = new Agent({ ca });
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, headers: { accept: 'application/json' } }, (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve({ status: response.statusCode, text }))
        .on('error', reject);
    });
    call.on('error', reject).end();
  });
}
