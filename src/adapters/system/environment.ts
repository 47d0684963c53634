/**
 * The environment that programs under measurement start from: the user's, so that what runs in a terminal runs here, but
 * without what is ours or the client's alone. What changes V8's behaviour is kept: both sides have it.
 */
const OURS =
  /^(DEEP_OPTIMIZE_|MCP_|npm_(config|lifecycle|package|execpath|node_execpath|command)|INIT_CWD$|VITEST|NODE_V8_COVERAGE$|NODE_CHANNEL_)/;

export function baseEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !OURS.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
