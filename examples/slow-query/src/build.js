/** Makes data/shop.db anew from schema.sql: the same rows each time. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { createRandom } from './random.js';

const SEED = 20260101;
const CUSTOMERS = 4000;
const PRODUCTS = 300;
const ORDERS = 40_000;
/** Three years. */
const FIRST_DAY = Date.UTC(2023, 0, 1);
const MINUTES = 3 * 365 * 24 * 60;

const COUNTRIES = ['AT', 'CH', 'DE', 'DK', 'FR', 'IT', 'NL', 'PL'];
const CATEGORIES = ['audio', 'bath', 'garden', 'kitchen', 'office', 'outdoor', 'pets', 'sport', 'toys'];
const STATUSES = [
  'paid',
  'paid',
  'paid',
  'shipped',
  'shipped',
  'shipped',
  'shipped',
  'returned',
  'cancelled',
];

const path = (name) => new URL(`../${name}`, import.meta.url);

mkdirSync(path('data/'), { recursive: true });
for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path(`data/shop.db${suffix}`), { force: true });
const database = new Database(fileURLToPath(path('data/shop.db')));
database.exec(readFileSync(path('schema.sql'), 'utf8'));
database.exec('begin');
fill(createRandom(SEED));
database.exec('commit');
database.close();

function fill(random) {
  const customer = database.prepare('insert into customers values (?, ?, ?)');
  for (let id = 1; id <= CUSTOMERS; id += 1) customer.run([id, `Customer ${id}`, random.pick(COUNTRIES)]);

  const product = database.prepare('insert into products values (?, ?, ?)');
  for (let id = 1; id <= PRODUCTS; id += 1) product.run([id, `Product ${id}`, random.pick(CATEGORIES)]);

  const order = database.prepare('insert into orders values (?, ?, ?, ?)');
  const item = database.prepare('insert into order_items values (?, ?, ?, ?)');
  for (let id = 1; id <= ORDERS; id += 1) {
    const placed = new Date(FIRST_DAY + Math.floor((id / ORDERS) * MINUTES) * 60_000);
    const at = placed.toISOString().slice(0, 19).replace('T', ' ');
    order.run([id, random.integer(1, CUSTOMERS), random.pick(STATUSES), at]);
    const first = random.integer(1, PRODUCTS);
    const lines = random.integer(1, 3);
    for (let line = 0; line < lines; line += 1) {
      // A prime step from product to product: no product twice in an order.
      const productId = ((first + line * 97) % PRODUCTS) + 1;
      item.run([id, productId, random.integer(1, 4), random.integer(199, 19_999)]);
    }
  }
}
