export function inputs() {
  const orders = Array.from({ length: 50 }, (_, index) => ({
    id: `A-${index}`,
    customer: { name: `customer ${index}`, mail: `c${index}@example.com`, since: 2000 + (index % 25) },
    lines: Array.from({ length: 5 }, (_line, line) => ({ article: `article ${line}`, quantity: 1 + line })),
    ...(index % 3 === 0 ? { note: 'ring twice' } : {}),
  }));
  return [[orders]];
}
