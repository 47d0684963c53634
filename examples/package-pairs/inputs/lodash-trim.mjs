export function inputs() {
  const texts = Array.from(
    { length: 10 },
    (_, index) => `  line ${index}${' '.repeat(300 + index)}end of line ${index}  `,
  );
  return [[texts]];
}
