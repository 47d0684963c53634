import { pool } from './database.mjs';

const PAGE_SIZE = 40;

/** Titles for the archive, the latest first. */
export async function listArticles(page) {
  const rows = await readPage(page);
  return rows.map((row) => ({ id: row.id, title: row.title, author: row.author }));
}

async function readPage(page) {
  const { rows } = await pool.query(
    'select * from magazine.articles order by published_on desc, id limit $1 offset $2',
    [PAGE_SIZE, (page - 1) * PAGE_SIZE],
  );
  return rows;
}

export async function findArticle(id) {
  const { rows } = await pool.query('select id, title, author, body from magazine.articles where id = $1', [
    id,
  ]);
  return rows[0];
}
