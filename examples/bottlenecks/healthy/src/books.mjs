import { pool } from './database.mjs';

export async function findBook(id) {
  const { rows } = await pool.query('select id, title, author, shelf from library.books where id = $1', [id]);
  return rows[0];
}

/** The books of a shelf, as they stand. */
export async function listShelf(shelf) {
  const { rows } = await pool.query(
    'select id, title, author from library.books where shelf = $1 order by id',
    [shelf],
  );
  return rows;
}
