import lodash from 'lodash-trim-before';

/** Texts as they come out of a form: long, with runs of blanks inside. */
export function run(texts) {
  return texts.map((text) => lodash.trim(text).length);
}
