import { createRandom } from './random.js';

const SEED = 20260101;
const PRODUCTS = 600;
const REVIEWS_PER_PRODUCT = { low: 4, high: 16 };

const DEPARTMENTS = {
  kitchen: ['Kettle', 'Pan', 'Whisk', 'Teapot', 'Crêpe Maker', 'Grater', 'Carafe', 'Toaster'],
  garden: ['Trowel', 'Hose', 'Planter', 'Rake', 'Lantern', 'Pruner', 'Bench', 'Barrow'],
  office: ['Desk Lamp', 'Notebook', 'Stapler', 'Chair', 'Étui', 'Organiser', 'Pen', 'Monitor Arm'],
  outdoor: ['Tent', 'Rucksack', 'Stove', 'Headlamp', 'Flask', 'Hammock', 'Jacket', 'Compass'],
  audio: ['Headphones', 'Speaker', 'Turntable', 'Microphone', 'Amplifier', 'Radio', 'Cable', 'Earbuds'],
  sport: ['Racket', 'Mat', 'Skates', 'Gloves', 'Bottle', 'Helmet', 'Rope', 'Dumbbell'],
  bath: ['Towel', 'Soap Dish', 'Brush', 'Mirror', 'Basket', 'Robe', 'Scale', 'Étagère'],
  pets: ['Bowl', 'Leash', 'Basket', 'Scratcher', 'Carrier', 'Collar', 'Cushion', 'Feeder'],
  workshop: ['Hammer', 'Drill', 'Clamp', 'Chisel', 'Saw', 'Toolbox', 'Level', 'Vice'],
  toys: ['Puzzle', 'Kite', 'Blocks', 'Train', 'Doll', 'Robot', 'Board Game', 'Yo-Yo'],
};
const TAGS = [
  'Bestseller',
  'Compact',
  'Eco',
  'Gift',
  'Handmade',
  'Imported',
  'Kids',
  'Lightweight',
  'Limited',
  'Modern',
  'Outlet',
  'Premium',
  'Recycled',
  'Repairable',
  'Retro',
  'Sale',
  'Solar',
  'Travel',
  'Vintage',
  'Waterproof',
];
const BRANDS = ['Aldor', 'Brightwell', 'Café Nord', 'Dunmore', 'Élan', 'Fjord & Sons', 'Grünwald', 'Hartley'];
const ADJECTIVES = [
  'balanced',
  'brushed',
  'calm',
  'classic',
  'clever',
  'cosy',
  'crisp',
  'durable',
  'elegant',
  'fine',
  'flexible',
  'foldable',
  'generous',
  'gentle',
  'honest',
  'light',
  'naïve',
  'neat',
  'quiet',
  'reliable',
  'robust',
  'rustic',
  'sharp',
  'silent',
  'simple',
  'sleek',
  'slim',
  'smooth',
  'soft',
  'solid',
  'steady',
  'sturdy',
  'tidy',
  'warm',
];
const NOUNS = [
  'aluminium',
  'balcony',
  'bamboo',
  'battery',
  'box',
  'brass',
  'café',
  'camping',
  'canvas',
  'case',
  'ceramic',
  'children',
  'copper',
  'cork',
  'cotton',
  'design',
  'edge',
  'evening',
  'family',
  'finish',
  'glass',
  'grip',
  'hand',
  'handle',
  'hinge',
  'home',
  'kitchen',
  'leather',
  'lid',
  'linen',
  'morning',
  'oak',
  'parts',
  'picnic',
  'plastic',
  'pocket',
  'rain',
  'shelf',
  'steel',
  'strap',
  'summer',
  'surface',
  'table',
  'terrace',
  'touch',
  'warranty',
  'weekend',
  'winter',
  'wood',
  'wool',
  'workshop',
  'zip',
];
const SENTENCES = [
  (r) => `A ${r.pick(ADJECTIVES)}, ${r.pick(ADJECTIVES)} piece in ${r.pick(NOUNS)} and ${r.pick(NOUNS)}.`,
  (r) => `Made for the ${r.pick(NOUNS)}, at its best in the ${r.pick(NOUNS)}!`,
  (r) => `The ${r.pick(NOUNS)} is ${r.pick(ADJECTIVES)}; the ${r.pick(NOUNS)} stays ${r.pick(ADJECTIVES)}.`,
  (r) => `Comes with a ${r.pick(ADJECTIVES)} ${r.pick(NOUNS)} (${r.integer(2, 10)}-year warranty).`,
  (r) => `“${r.pick(ADJECTIVES)} as ${r.pick(NOUNS)}”, say our customers.`,
  (r) => `No ${r.pick(NOUNS)}, no fuss: ${r.pick(ADJECTIVES)} ${r.pick(NOUNS)} for every ${r.pick(NOUNS)}.`,
];
const OPINIONS = [
  'Does what it says.',
  'Broke after a week.',
  'Lovely!',
  'Fair price.',
  'My third one.',
  'Too small.',
];

const SCHEMA = `
  create table products (
    id integer primary key,
    name text not null,
    department text not null,
    price_cents integer not null,
    stock integer not null,
    tags text not null,
    description text not null
  );
  create index products_by_department on products (department, id);
  create table reviews (
    id integer primary key,
    product_id integer not null references products (id),
    rating integer not null,
    body text not null
  );
  create index reviews_by_product on reviews (product_id);
`;

/** Creates the tables and fills them; the same rows every time. */
export function seedDatabase(db) {
  const random = createRandom(SEED);
  const names = Object.keys(DEPARTMENTS);
  db.exec(SCHEMA);
  const addProduct = db.prepare('insert into products values (?, ?, ?, ?, ?, ?, ?)');
  const addReview = db.prepare('insert into reviews (product_id, rating, body) values (?, ?, ?)');
  db.exec('begin');
  for (let id = 1; id <= PRODUCTS; id += 1) {
    const department = random.pick(names);
    addProduct.run(
      id,
      `${random.pick(BRANDS)} ${random.pick(DEPARTMENTS[department])}`,
      department,
      random.integer(500, 25000),
      random.integer(0, 80),
      random.sample(TAGS, random.integer(3, 6)).join(', '),
      random
        .sample(SENTENCES, random.integer(2, 3))
        .map((write) => write(random))
        .join(' '),
    );
    const reviews = random.integer(REVIEWS_PER_PRODUCT.low, REVIEWS_PER_PRODUCT.high);
    for (let n = 0; n < reviews; n += 1) addReview.run(id, random.integer(1, 5), random.pick(OPINIONS));
  }
  db.exec('commit');
}
