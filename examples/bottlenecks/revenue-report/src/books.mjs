const COUNTRIES = ['AT', 'BE', 'CZ', 'DK', 'EE', 'FI'];
const GROUPS = ['books', 'music', 'games', 'films'];

/** The day's books, loaded at start; shuffled, as exports of different programs are. */
export const customers = Array.from({ length: 600 }, (_, index) => {
  const id = 1 + ((index * 347) % 600);
  return { id, country: COUNTRIES[id % COUNTRIES.length] };
});

export const articles = Array.from({ length: 400 }, (_, index) => {
  const id = 1 + ((index * 173) % 400);
  return { id, group: GROUPS[id % GROUPS.length], cents: 500 + ((id * 83) % 6000) };
});

export const sales = Array.from({ length: 3000 }, (_, index) => ({
  customer: 1 + ((index * 389) % 600),
  article: 1 + ((index * 211) % 400),
  pieces: 1 + (index % 4),
  hour: index % 24,
}));
