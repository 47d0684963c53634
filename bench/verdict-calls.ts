/**
 * How often a bench of verdicts asks: as often as its promise says, or less with VERDICTS_CALLS, to try it. A full run takes
 * an hour or more.
 */
export function callsOf(promised: number): number {
  const wanted = Number(process.env['VERDICTS_CALLS'] ?? promised);
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, promised) : promised;
}

/** "at least 19 of 20", or as much of what was really asked. */
export function atLeast(calls: number, [wanted, of]: readonly [number, number]): number {
  return Math.ceil((calls * wanted) / of);
}

/** Of a list of names in an environment variable, all when it is not set: to try some of them. */
export function isWanted(variable: string): (name: string) => boolean {
  const wanted = process.env[variable]?.split(',');
  return (name) => wanted?.includes(name) ?? true;
}
