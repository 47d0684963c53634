import { inTransaction, pool } from './database.mjs';
import { charge } from './payments.mjs';

export async function findEvent(id) {
  const { rows } = await pool.query('select id, title, price_cents from sales.events where id = $1', [id]);
  return rows[0];
}

/** Resolves to the ticket, or to undefined when the event is sold out. */
export async function sellTicket(event, buyer) {
  return inTransaction(async (client) => {
    if (!(await reserveSeat(client, event))) return undefined;
    const payment = await charge({ buyer, amountCents: event.price_cents, purpose: event.title });
    await recordTicket(client, { event, buyer, payment });
    return { event: event.title, buyer, payment };
  });
}

async function reserveSeat(client, { id }) {
  const { rowCount } = await client.query(
    'update sales.events set sold = sold + 1 where id = $1 and sold < capacity',
    [id],
  );
  return rowCount === 1;
}

async function recordTicket(client, { event, buyer, payment }) {
  await client.query('insert into sales.tickets (event_id, buyer, payment) values ($1, $2, $3)', [
    event.id,
    buyer,
    payment,
  ]);
}
