/** Microseconds in one of a unit, by the names that pprof and speedscope use. */
export const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ['nanoseconds', 1e-3],
  ['microseconds', 1],
  ['milliseconds', 1e3],
  ['seconds', 1e6],
]);

export const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ['bytes', 1],
  ['kilobytes', 2 ** 10],
  ['megabytes', 2 ** 20],
]);
