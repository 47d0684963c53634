/** What a command starts, without its place and the ending of a Windows program: "/usr/bin/node" and "node.exe" are node. */
export function programName([program = '']: readonly string[]): string {
  return (program.split(/[\\/]/).at(-1) ?? '').replace(/\.(?:exe|cmd)$/i, '');
}
