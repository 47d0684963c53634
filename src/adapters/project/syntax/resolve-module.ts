import { posix } from 'node:path';

/** What a compiler or a bundler adds, or writes instead: `./posts.js` of a TypeScript source is `./posts.ts`. */
const EXTENSIONS = ['.ts', '.js', '.mts', '.mjs', '.cts', '.cjs', '.tsx', '.jsx'];

/**
 * The file of the project that a relative specifier means; undefined for packages and for what is not there. Paths have
 * forward slashes and are relative to the project.
 */
export function resolveModule(
  specifier: string,
  from: string,
  files: ReadonlySet<string>,
): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  const stem = path.replace(/\.[cm]?[jt]sx?$/, '');
  const candidates = [
    path,
    ...EXTENSIONS.map((extension) => stem + extension),
    ...EXTENSIONS.map((extension) => posix.join(path, `index${extension}`)),
  ];
  return candidates.find((candidate) => files.has(candidate));
}
