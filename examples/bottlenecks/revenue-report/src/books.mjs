const COUNTRIES = ['AT', 'BE', 'CZ', 'DK', 'EE', 'FI'];
const GROUPS = ['books', 'music', 'games', 'films'];

/** The day's books, loaded at start; shuffled, as exports of different programs are. */
export const customers = Array.from({ length: 2000 }, (_, index) => {
  const id = 1 + ((index * 347) % 2000);
  return { id, country: COUNTRIES[id % COUNTRIES.length] };
});

export const articles = Array.from({ length: 1200 }, (_, index) => {
  const id = 1 + ((index * 173) % 1200);
  return { id, group: GROUPS[id % GROUPS.length], cents: 500 + ((id * 83) % 6000) };
});

export const sales = Array.from({ length: 3000 }, (_, index) => ({
  customer: 1 + ((index * 389) % 2000),
  article: 1 + ((index * 211) % 1200),
  pieces: 1 + (index % 4),
  hour: index % 24,
}));
