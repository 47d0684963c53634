import { readFile } from 'node:fs/promises';
import pg from 'pg';

const options = { connectionString: process.env.DATABASE_URL, application_name: 'help-desk' };

/** The rows that a statement answers with. */
export async function query(text, parameters) {
  const client = new pg.Client(options);
  await client.connect();
  try {
    return (await client.query(text, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** The demo data, made anew at each start. */
export async function buildDatabase() {
  await query(await readFile(new URL('../schema.sql', import.meta.url), 'utf8'));
}
