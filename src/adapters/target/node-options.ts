/**
 * NODE_OPTIONS that load the probe, after what the user's own contain. Node.js splits at spaces and reads double quotes,
 * in which a backslash escapes (doc/api/cli.md, NODE_OPTIONS).
 */
export function requireInNodeOptions(existing: string | undefined, file: string): string {
  const plain = /^[^\s"\\]+$/.test(file);
  const quoted = plain ? file : `"${file.replace(/["\\]/g, '\\$&')}"`;
  return `${existing ?? ''} --require ${quoted}`.trim();
}

/**
 * NODE_OPTIONS that write names for perf (/tmp/perf-PID.map), and give each interpreted function machine code of its own, so
 * that its frames are told from each other (https://nodejs.org/en/learn/diagnostics/poor-performance/using-linux-perf).
 */
export function nameCodeInNodeOptions(existing: string | undefined): string {
  return `${existing ?? ''} --perf-basic-prof --interpreted-frames-native-stack`.trim();
}
