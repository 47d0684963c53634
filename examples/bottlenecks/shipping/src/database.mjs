import { readFile } from 'node:fs/promises';
import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });

/** The demo data, made anew at each start. */
export async function buildDatabase() {
  await pool.query(await readFile(new URL('../schema.sql', import.meta.url), 'utf8'));
}
