export function inputs() {
  const units = ['ms', 's', ' minutes', 'h', ' days', 'w', ' yrs'];
  return [[Array.from({ length: 300 }, (_, index) => `${1 + (index % 90)}${units[index % units.length]}`)]];
}
