import { pool } from './database.mjs';

export async function findCustomer(id) {
  const { rows } = await pool.query(
    'select id, name, country, discount_percent from basket.customers where id = $1',
    [id],
  );
  return rows[0];
}

/** What the tax office takes in the country of a customer, in percent. */
export async function vatFor(customerId) {
  const { rows } = await pool.query(
    `select percent from basket.vat_rates join basket.customers using (country) where customers.id = $1`,
    [customerId],
  );
  return rows[0].percent;
}
