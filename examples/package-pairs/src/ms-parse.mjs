import ms from 'ms-parse-before';

/** Durations of a configuration in milliseconds. */
export function run(texts) {
  return texts.map((text) => ms(text));
}
