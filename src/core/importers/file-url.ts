/** `file:///a%20b/c.mjs?v=2` is the file "/a b/c.mjs"; other URLs stay as they are. */
export function decodeFileUrl(url: string): string {
  if (!url.startsWith('file://')) return url;
  const path = url.slice('file://'.length).replace(/[?#].*$/, '');
  // A drive letter follows the slash on Windows.
  const local = /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  try {
    return decodeURIComponent(local);
  } catch {
    return local;
  }
}
