const CITIES = ['Aarhus', 'Bergen', 'Cork', 'Delft', 'Essen'];

/** What was uploaded last, by name. Made up: a table of deliveries, as another program exports it. */
const files = new Map([
  ['deliveries', table(200)],
  ['returns', table(90)],
]);

export function findFile(name) {
  return files.get(name);
}

function table(rows) {
  const lines = Array.from({ length: rows }, (_, index) => {
    const n = index + 1;
    const day = `2024-0${1 + (n % 9)}-${10 + (n % 19)}`;
    return [
      n,
      CITIES[n % CITIES.length],
      `R-${n % 40}`,
      day,
      (n * 1.25).toFixed(2),
      n % 3 === 0 ? 'yes' : 'no',
    ].join(';');
  });
  return ['id;city;route;day;weight;signed', ...lines].join('\n');
}
