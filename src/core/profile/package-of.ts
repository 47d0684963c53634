/** The npm package that a file belongs to, or undefined for the project's own code. */
export function packageOf(file: string): string | undefined {
  const path = file.replaceAll('\\', '/');
  const marker = 'node_modules/';
  const at = path.lastIndexOf(marker);
  if (at < 0 || (at > 0 && path[at - 1] !== '/')) return undefined;
  const [first = '', second = ''] = path.slice(at + marker.length).split('/');
  // pnpm keeps packages in node_modules/.pnpm/<name>@<version>[_peers]/node_modules/<name>; the last marker is the
  // inner one, unless the path ends before it.
  if (first === '.pnpm') return pnpmPackage(second);
  if (first.startsWith('@')) return second ? `${first}/${second}` : first;
  return first || undefined;
}

function pnpmPackage(directory: string): string | undefined {
  const end = directory.lastIndexOf('@', directory.indexOf('_') > 0 ? directory.indexOf('_') : undefined);
  const name = end > 0 ? directory.slice(0, end) : directory;
  return name.replace('+', '/') || undefined;
}
