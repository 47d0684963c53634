import { pool } from './database.mjs';

const PAGE_SIZE = 20;

/** One page of the front page, the latest post first. */
export async function latestPosts(page) {
  const { rows } = await pool.query(
    'select id, author_id, title, teaser, published_at from blog.posts order by published_at desc, id limit $1 offset $2',
    [PAGE_SIZE, (page - 1) * PAGE_SIZE],
  );
  return withAuthors(rows);
}

export async function findPost(id) {
  const { rows } = await pool.query(
    'select id, author_id, title, teaser, published_at from blog.posts where id = $1',
    [id],
  );
  const [post] = await withAuthors(rows);
  return post;
}

async function withAuthors(posts) {
  const complete = [];
  for (const post of posts) {
    complete.push(present(post, await findAuthor(post.author_id)));
  }
  return complete;
}

async function findAuthor(id) {
  const { rows } = await pool.query('select id, name, bio from blog.authors where id = $1', [id]);
  return rows[0];
}

function present({ id, title, teaser, published_at }, author) {
  return {
    id,
    title,
    teaser,
    published_at: published_at.toISOString(),
    author: { name: author.name, bio: author.bio },
  };
}
