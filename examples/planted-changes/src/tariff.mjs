/** As the carrier sends it: for each step of weight (up to so many grams) the cents of each zone. */
const TARIFF = Array.from(
  { length: 3 },
  (_, step) =>
    `${(step + 1) * 10_500}:${[1, 2, 3, 4, 5].map((zone) => 290 + step * 450 + zone * 60).join(',')}`,
).join(';');

/** The cents for a weight in a zone. */
export function centsOf(grams, zone) {
  const steps = readTariff(TARIFF);
  const step = steps.find(({ upTo }) => grams <= upTo) ?? steps.at(-1);
  return step.cents[zone - 1];
}

export function readTariff(text) {
  return text.split(';').map((line) => {
    const [upTo, cents] = line.split(':');
    return { upTo: Number(upTo), cents: cents.split(',').map(Number) };
  });
}
