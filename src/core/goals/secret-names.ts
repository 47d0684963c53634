/**
 * Names of headers, parameters and fields whose values are secrets or belong to one session. Goals are committed and
 * read by agents, so such a value never gets into them. The list is wide on purpose: what was masked without need is
 * named in the answer and put back in a minute; a leaked password is not.
 */
const SECRET =
  /(?:^|[^a-z])(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|jwt|auth|authorization|authentication|bearer|cookie|session|sid|csrf|xsrf|otp|pin|cvv|cvc|iban|signature|sig|credentials?|(?:api|access|private|secret|subscription)-?key|key)(?:$|[^a-z])/;

export const MASKED = 'replace-me';

export function isSecretName(name: string): boolean {
  // accessToken, access_token and X-Access-Token are the same words.
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('_', '-');
  return SECRET.test(words) || /(?:apikey|accesstoken|authtoken|sessionid|sessid|csrftoken)/.test(words);
}

/** A copy of a JSON value with its secrets masked; the names of the masked members are added to `masked`. */
export function maskSecrets(value: unknown, masked: Set<string>, depth = 0): unknown {
  // Deeper than any body that people write; keeps the recursion below the stack's limit.
  if (depth > 100) return null;
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, masked, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => {
      const isLeaf = typeof member === 'string' || typeof member === 'number';
      if (!isLeaf || !isSecretName(name)) return [name, maskSecrets(member, masked, depth + 1)];
      masked.add(name);
      return [name, MASKED];
    }),
  );
}

/** The same for `a=1&b=2`, as in query strings and form bodies; everything else stays as it was written. */
export function maskParameters(text: string, masked: Set<string>): string {
  return text
    .split('&')
    .map((pair) => {
      const end = pair.indexOf('=');
      const name = decode(end === -1 ? pair : pair.slice(0, end));
      if (end === -1 || end === pair.length - 1 || !isSecretName(name)) return pair;
      masked.add(name);
      return `${pair.slice(0, end)}=${MASKED}`;
    })
    .join('&');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
