const EMAIL = /^([a-z0-9]+[._-]?)+@([a-z0-9]+[.-]?)+\.[a-z]{2,}$/i;
const NAME = /^\p{L}[\p{L} '-]{0,79}$/u;
const COUNTRIES = new Set(['AT', 'CH', 'DE', 'DK', 'ES', 'FR', 'IT', 'NL', 'PL', 'SE']);

/** What is wrong with a form, by field; empty when nothing is. */
export function checkForm({ name, email, country, password }) {
  const problems = {};
  if (!isName(name)) problems.name = 'letters, spaces, apostrophes and hyphens only';
  if (!isEmail(email)) problems.email = 'not an address';
  if (!COUNTRIES.has(country)) problems.country = 'we do not ship there';
  if (!isPassword(password)) problems.password = 'at least ten characters, two kinds of them';
  return problems;
}

function isName(text) {
  return typeof text === 'string' && NAME.test(text.trim());
}

function isEmail(text) {
  return typeof text === 'string' && text.length <= 254 && EMAIL.test(text);
}

function isPassword(text) {
  if (typeof text !== 'string' || text.length < 10) return false;
  return [/\p{L}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(text)).length >= 2;
}
