import { readFile } from 'node:fs/promises';
import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

/** The demo data, made anew at each start. */
export async function buildDatabase() {
  await pool.query(await readFile(new URL('../schema.sql', import.meta.url), 'utf8'));
}

export async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
