import cookie from 'cookie-same-before';

/** The cookies of many requests. */
export function run(headers) {
  return headers.map((header) => cookie.parse(header));
}
