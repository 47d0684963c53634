const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Object ids of MongoDB have 24 digits, hashes 32 and more; a word of 16 hex digits with a digit in it is no word. */
const LONG_HEX = /(?<![a-z0-9])(?=[0-9a-f]*\d)[0-9a-f]{16,}(?![a-z0-9])/gi;
/** Between separators only: "v1", "utf8" and "file2" are names. */
const NUMBER = /(?<![a-z0-9_.])\d+(?![a-z0-9_])/gi;

/** Ids inside of paths and keys as {id}, so that those of equal meaning are equal. */
export function foldIds(text: string): string {
  return text.replace(UUID, '{id}').replace(LONG_HEX, '{id}').replace(NUMBER, '{id}');
}

/**
 * "/posts/42" as "/posts/{id}", and the route of a framework the same way: "/posts/:id" (express, fastify, koa). The host
 * of an absolute URL keeps its port.
 */
export function foldUrl(url: string): string {
  const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? '';
  const path = url.slice(origin.length).replace(/[?#].*$/, '');
  const named = path.replace(/:([A-Za-z_]\w*)(?:\([^)]*\))?/g, '{$1}');
  return origin + foldIds(named);
}
