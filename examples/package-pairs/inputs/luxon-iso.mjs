export function inputs() {
  const start = Date.UTC(2024, 1, 28, 22, 59, 30, 123);
  return [[Array.from({ length: 200 }, (_, index) => start + index * 86_413_007)]];
}
