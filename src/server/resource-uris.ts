/** The URIs of our records: `deep-optimize://baselines` and `deep-optimize://baselines/base_x`. */
const SCHEME = 'deep-optimize://';

/** Ids are what we made ourselves; anything else in a URI is an attack or a mistake. */
const URI = /^deep-optimize:\/\/([a-z]+)(?:\/([a-z0-9_-]{1,120}))?$/;

export function collectionUri(family: string): string {
  return `${SCHEME}${family}`;
}

export function itemUri(family: string, id: string): string {
  return `${SCHEME}${family}/${id}`;
}

export function templateUri(family: string): string {
  return `${SCHEME}${family}/{id}`;
}

export function parseUri(
  uri: string,
): { readonly family: string; readonly id: string | undefined } | undefined {
  const match = URI.exec(uri);
  return match?.[1] === undefined ? undefined : { family: match[1], id: match[2] };
}
