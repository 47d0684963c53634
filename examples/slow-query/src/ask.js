/** node src/ask.js customer-orders 17: the rows of a query, one line of JSON each. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';

const [name, ...parameters] = process.argv.slice(2);
const root = new URL('..', import.meta.url);
const sql = readFileSync(new URL(`queries/${name}.sql`, root), 'utf8');
const database = new Database(fileURLToPath(new URL('data/shop.db', root)));
const values = parameters.map((text) => (/^\d+$/.test(text) ? BigInt(text) : text));
for (const row of database.prepare(sql).all(values)) console.log(JSON.stringify(row));
database.close();
