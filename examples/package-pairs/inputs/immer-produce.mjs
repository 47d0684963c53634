export function inputs() {
  const lines = Array.from({ length: 100 }, (_, index) => ({
    article: `article ${index}`,
    quantity: 1 + (index % 4),
    price: { cents: 100 + index * 7, currency: 'EUR', tax: 0.19 },
    tags: ['new', 'sale', `group ${index % 10}`],
    stock: { here: index % 9, ordered: index % 3, reserved: 0 },
  }));
  const changes = Array.from({ length: 30 }, (_, index) => ({ line: index * 3, quantity: 5 + index }));
  return [[{ id: 'A-1', customer: { name: 'Kim' }, lines }, changes]];
}
