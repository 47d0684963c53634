import { vatFor } from './customers.mjs';
import { pool } from './database.mjs';
import { priceOf } from './prices.mjs';

/** A basket with its prices; undefined when there is none. */
export async function loadBasket(id) {
  const { rows } = await pool.query(
    'select customer_id, article, pieces, cents from basket.lines where basket_id = $1 order by id',
    [id],
  );
  if (rows.length === 0) return undefined;
  const lines = [];
  for (const line of rows) {
    lines.push({ article: line.article, pieces: line.pieces, cents: await priceOf(line) });
  }
  const net = lines.reduce((sum, { cents }) => sum + cents, 0);
  const vat = Math.round((net * (await vatFor(rows[0].customer_id))) / 100);
  return { id, lines, net_cents: net, vat_cents: vat, total_cents: net + vat };
}
