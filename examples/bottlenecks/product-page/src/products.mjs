import { getJson } from './call.mjs';
import { findPartner } from './partner-process.mjs';

const reviews = await findPartner();

const products = new Map(
  Array.from({ length: 200 }, (_, index) => [
    index + 1,
    { id: index + 1, name: `Product ${index + 1}`, cents: 499 + ((index * 271) % 9000) },
  ]),
);

/** A product with what buyers say of it; undefined when there is no such product. */
export async function describeProduct(id) {
  const product = products.get(id);
  if (product === undefined) return undefined;
  return { ...product, reviews: (await getJson(`${reviews}/reviews/${id}`)) ?? [] };
}
