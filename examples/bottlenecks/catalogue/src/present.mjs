/** Adds what the shop window shows. The product is the caller's own and may be changed. */
export function present(product, currency) {
  product.price = `${(product.cents / 100).toFixed(2)} ${currency}`;
  product.available = product.sizes.some(({ stock }) => stock > 0);
  product.sizes = product.sizes.filter(({ stock }) => stock > 0).map(({ size }) => size);
  delete product.cents;
  return product;
}
