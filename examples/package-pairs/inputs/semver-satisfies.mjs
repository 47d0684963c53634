export function inputs() {
  const versions = Array.from(
    { length: 60 },
    (_, index) => `${index % 4}.${index % 7}.${index}${index % 5 === 0 ? '-beta.1' : ''}`,
  );
  return [[versions, ['^1.2.0', '~2.3.4', '>=1.0.0 <3.0.0', '1.x || 3.x', '*']]];
}
