export function inputs() {
  const filter = (index) => ({
    text: `lamp & desk ${index}`,
    price: { min: index, max: index + 100, currency: '€' },
    colours: ['red', 'blue', 'dark green'],
    sort: [{ by: 'price', direction: 'asc' }],
    page: index,
  });
  return [[Array.from({ length: 30 }, (_, index) => filter(index))]];
}
