export function inputs() {
  const header = (index) =>
    [
      `session=s${index}.${'0123456789abcdef'.repeat(4)}`,
      `theme=dark`,
      `language=en-GB`,
      `cart=${encodeURIComponent(JSON.stringify({ id: index, items: [1, 2, 3] }))}`,
      `consent=${index % 2}`,
      `_ga=GA1.2.${index}.1700000000`,
    ].join('; ');
  return [[Array.from({ length: 50 }, (_, index) => header(index))]];
}
