/** Shorter ones would take letters out of words that have nothing to do with them. */
const MIN_PASSWORD = 3;

/** Makes texts that drivers and databases wrote free of a connection URL and of the password in it. */
export function createRedaction(url: string): (text: string) => string {
  const secrets = new Set([url]);
  if (URL.canParse(url)) {
    const { password, searchParams } = new URL(url);
    for (const secret of [password, decode(password), searchParams.get('password') ?? '']) {
      if (secret.length >= MIN_PASSWORD) secrets.add(secret);
    }
  }
  // The URL first: it holds the password.
  return (text) => [...secrets].reduce((left, secret) => left.replaceAll(secret, '[hidden]'), text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
