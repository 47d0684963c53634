import { findCustomer } from './customers.mjs';

/** What a line costs its customer before tax, in cents. */
export async function priceOf({ customer_id, pieces, cents }) {
  const full = pieces * cents;
  return full - Math.floor((full * (await discountOf(customer_id))) / 100);
}

async function discountOf(customerId) {
  const customer = await findCustomer(customerId);
  return customer.discount_percent;
}
