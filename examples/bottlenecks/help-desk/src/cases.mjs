import { query } from './database.mjs';

const SHOWN = 15;

export async function findCase(id) {
  const [found] = await query('select id, customer, subject, state from help_desk.cases where id = $1', [id]);
  return found;
}

/** Open cases, the latest first. */
export async function listOpenCases() {
  return query(
    `select id, customer, subject from help_desk.cases where state = 'open' order by id desc limit ${SHOWN}`,
  );
}
