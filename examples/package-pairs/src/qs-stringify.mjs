import qs from 'qs-stringify-before';

/** Filters of a search page as query strings. */
export function run(filters) {
  return filters.map((filter) => qs.stringify(filter));
}
