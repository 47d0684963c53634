import type { DatabaseFacts } from '../../../core/ports/project.ts';

type UrlEnv = DatabaseFacts['urlEnvs'][number];

/** Names of environment variables that hold a database's address, e.g. DATABASE_URL, PG_DSN, SQLITE_PATH. */
const NAME =
  /^(?:\w*_)?(?:DATABASE|DB|POSTGRES(?:QL)?|PG|SQLITE|LIBSQL|TURSO)(?:_\w*)?_(?:URL|URI|DSN|CONNECTION_STRING|PATH|FILE)$/;
const USED = /\bprocess\.env(?:\.(\w+)|\[\s*['"](\w+)['"]\s*\])/g;
const ASSIGNED = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*["']?([^\s"']*)/gm;

/** Names that a source reads. */
export function urlEnvsOfSource(text: string): readonly UrlEnv[] {
  return [...text.matchAll(USED)]
    .map(([, dotted, quoted]) => dotted ?? quoted ?? '')
    .filter((name) => NAME.test(name))
    .map((name) => ({ name, engine: engineOfName(name) }));
}

/** Names in a .env.example and the like; of a value only the scheme is looked at. */
export function urlEnvsOfExample(text: string): readonly UrlEnv[] {
  return [...text.matchAll(ASSIGNED)]
    .filter(([, name = '']) => NAME.test(name))
    .map(([, name = '', value = '']) => ({ name, engine: engineOfScheme(value) ?? engineOfName(name) }));
}

function engineOfName(name: string): UrlEnv['engine'] {
  if (/POSTGRES|(?:^|_)PG_/.test(name)) return 'postgres';
  return /SQLITE|LIBSQL|TURSO/.test(name) ? 'sqlite' : null;
}

function engineOfScheme(value: string): UrlEnv['engine'] | undefined {
  if (/^postgres(?:ql)?:/.test(value)) return 'postgres';
  return /^(?:file:|sqlite:|libsql:)|\.(?:db|sqlite3?)$/.test(value) ? 'sqlite' : undefined;
}
