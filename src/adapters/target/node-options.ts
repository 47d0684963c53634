/**
 * NODE_OPTIONS that load the probe, after what the user's own contain. Node.js splits at spaces and reads double quotes,
 * in which a backslash escapes (doc/api/cli.md, NODE_OPTIONS).
 */
export function requireInNodeOptions(existing: string | undefined, file: string): string {
  const plain = /^[^\s"\\]+$/.test(file);
  const quoted = plain ? file : `"${file.replace(/["\\]/g, '\\$&')}"`;
  return `${existing ?? ''} --require ${quoted}`.trim();
}
