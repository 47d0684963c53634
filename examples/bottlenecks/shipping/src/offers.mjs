import { pool } from './database.mjs';

/** What a parcel to a country costs, in cents; undefined where the carrier does not go. */
export async function offerFor(country, kilograms) {
  const { rows } = await pool.query(
    'select zone, shipping.tariff(zone, $2) as cents from shipping.zones where country = $1',
    [country, kilograms],
  );
  return rows[0];
}
