const KINDS = ['tent', 'stove', 'lamp', 'rope', 'boot', 'jacket'];

const products = Array.from({ length: 2000 }, (_, index) => {
  const id = index + 1;
  const kind = KINDS[id % KINDS.length];
  return {
    id,
    kind,
    name: `${kind} ${id}`,
    cents: 990 + ((id * 977) % 30_000),
    sizes: Array.from({ length: 1 + (id % 5) }, (_, size) => ({
      size: 36 + 2 * size,
      stock: (id * (size + 3)) % 20,
    })),
    notes: `Made for paths of grade ${1 + (id % 6)}. Keep dry.`,
  };
});

/** Nobody may change the shelf through what we hand out. */
function copyOf(value) {
  return JSON.parse(JSON.stringify(value));
}

export function pageOf(kind, page, size) {
  const found = copyOf(products).filter((product) => kind === undefined || product.kind === kind);
  return { total: found.length, products: found.slice((page - 1) * size, page * size) };
}

export function findProduct(id) {
  const product = products[id - 1];
  return product === undefined ? undefined : copyOf(product);
}
