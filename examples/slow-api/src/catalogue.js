import Database from 'libsql';
import { seedDatabase } from './seed.js';

const PAGE_SIZE = 20;

/** The only row. Not `get()`: that adds `_metadata` with the duration to the row (libsql 0.5.29). */
function findOne(statement, ...values) {
  const [row] = statement.all(...values);
  return row;
}

/** The shop's database, in memory, and the questions that the API asks it. */
export function openCatalogue() {
  const db = new Database(':memory:');
  seedDatabase(db);

  const page = db.prepare(
    'select id, name, department, price_cents from products order by id limit ? offset ?',
  );
  const count = db.prepare('select count(*) as products from products');
  const byId = db.prepare('select * from products where id = ?');
  const byDepartment = db.prepare('select * from products where department = ? and stock > 0 order by id');
  const reviews = db.prepare('select rating, body from reviews where product_id = ? order by id');
  const rating = db.prepare(
    'select count(*) as reviews, sum(rating) as stars from reviews where product_id = ?',
  );
  const latestReview = db.prepare(
    'select rating, body from reviews where product_id = ? order by id desc limit 1',
  );

  return {
    listProducts: (number) => ({
      page: number,
      pages: Math.ceil(findOne(count).products / PAGE_SIZE),
      products: page.all(PAGE_SIZE, (number - 1) * PAGE_SIZE),
    }),
    findProduct: (id) => findOne(byId, id),
    findInStock: (department) => byDepartment.all(department),
    findReviews: (id) => reviews.all(id),
    findLatestReview: (id) => findOne(latestReview, id),
    rateProduct(id) {
      const row = findOne(rating, id);
      return {
        reviews: row.reviews,
        average: row.reviews === 0 ? null : Math.round((row.stars / row.reviews) * 10) / 10,
      };
    },
    close: () => db.close(),
  };
}
