/**
 * A file as people know it: relative to the first of `roots` that holds it (a profile was captured in a checkout
 * that is gone), from the innermost node_modules on for packages outside of the roots, else unchanged.
 */
export function displayFile(file: string, roots: readonly string[]): string {
  const path = file.replaceAll('\\', '/');
  for (const root of roots) {
    const prefix = root.replaceAll('\\', '/').replace(/\/+$/, '') + '/';
    if (prefix !== '/' && path.startsWith(prefix)) return path.slice(prefix.length);
  }
  const at = path.lastIndexOf('/node_modules/');
  return at >= 0 ? path.slice(at + 1) : path;
}
