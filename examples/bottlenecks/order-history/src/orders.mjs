import { pool } from './database.mjs';

const LAST_ORDERS = 10;

export async function findCustomer(id) {
  const { rows } = await pool.query('select id, name from orders.customers where id = $1', [id]);
  return rows[0];
}

/** What the page "my orders" shows, the latest first. */
export async function lastOrders(customerId) {
  const { rows } = await pool.query(
    `select id, status, total_cents, placed_at from orders.orders
     where customer_id = $1 order by placed_at desc, id limit ${LAST_ORDERS}`,
    [customerId],
  );
  return rows.map((order) => ({ ...order, placed_at: order.placed_at.toISOString() }));
}

export async function findOrder(id) {
  const { rows } = await pool.query(
    'select id, customer_id, status, total_cents, placed_at from orders.orders where id = $1',
    [id],
  );
  return rows[0];
}
