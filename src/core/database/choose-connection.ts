/** A variable that a program under measurement would see. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Names by custom, best first: of Heroku and most frameworks, of hosting platforms, of libpq's relatives. */
const CUSTOMARY = [
  /^DATABASE_URL$/,
  /^(POSTGRES|POSTGRESQL|PG)_?(URL|URI)$/,
  /^DB_(URL|URI)$/,
  /(DATABASE|POSTGRES|PG|DB)\w*(URL|URI|CONNECTION|DSN)/,
];

/** A database of tests or a copy that only follows is not what the program works on. */
const ANOTHER = /TEST|SHADOW|REPLICA|READ_?ONLY|DIRECT/;

/**
 * The variable with the URL of the program's PostgreSQL. A source that comes first hides those after it, as it does for the
 * program: what the workload sets, then the environment, then .env.
 */
export function chooseConnection(sources: readonly (readonly Variable[])[]): string | undefined {
  for (const source of sources) {
    const candidates = source
      .filter(({ value }) => /^postgres(ql)?:\/\//i.test(value))
      .map(({ name }) => ({ name, rank: rankOf(name) }))
      .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
    const [best] = candidates;
    if (best !== undefined) return best.name;
  }
  return undefined;
}

function rankOf(name: string): number {
  const upper = name.toUpperCase();
  const custom = CUSTOMARY.findIndex((pattern) => pattern.test(upper));
  return (custom < 0 ? CUSTOMARY.length : custom) + (ANOTHER.test(upper) ? 10 : 0);
}
