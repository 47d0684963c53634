import { join } from 'node:path';
import type { DatabaseFacts } from '../../../core/ports/project.ts';
import { urlEnvsOfExample } from './database-hints.ts';
import { readStart, readTextUpTo } from './read-text.ts';

type UrlEnv = DatabaseFacts['urlEnvs'][number];

/** Files that show which variables are needed. Never .env itself: it holds the secrets. */
const ENV_EXAMPLE = /^\.env\.(?:example|sample|template|dist|defaults)$|^(?:example|sample)\.env$/;
const MAX_ENV_BYTES = 64 * 1024;
const MAX_DATABASES = 10;
/** The first bytes of every SQLite database (https://www.sqlite.org/fileformat2.html, section 1.3). */
const SQLITE_MARK = 'SQLite format 3\0';

export async function readDatabaseFacts(
  project: string,
  files: readonly string[],
  fromSources: readonly UrlEnv[],
): Promise<DatabaseFacts> {
  const examples = await Promise.all(
    files
      .filter((path) => ENV_EXAMPLE.test(path))
      .map(async (path) => urlEnvsOfExample(await readTextUpTo(join(project, path), MAX_ENV_BYTES))),
  );
  const byName = new Map<string, UrlEnv>();
  for (const one of [...examples.flat(), ...fromSources]) {
    const before = byName.get(one.name);
    byName.set(one.name, { name: one.name, engine: before?.engine ?? one.engine });
  }
  const sqliteFiles = [];
  for (const file of files.filter((path) => /\.(?:db|sqlite3?)$/i.test(path)).slice(0, MAX_DATABASES)) {
    if ((await readStart(join(project, file), SQLITE_MARK.length)) === SQLITE_MARK) sqliteFiles.push(file);
  }
  return { urlEnvs: [...byName.values()], sqliteFiles };
}
