/** Of what mkdtemp makes of a prefix. */
const RANDOM = /[A-Za-z0-9]{6}$/;

/**
 * How names of temporary directories of a run begin. They hold its id, since a server that is killed cannot remove them: the
 * next one knows by it which are nobody's any more.
 */
export function temporaryPrefix(what: string, runId: string): string {
  return `deep-optimize-${what}-${runId}-`;
}

/** The same for one that holds a socket, whose whole path may have 104 bytes (macOS). */
export function socketPrefix(runId: string): string {
  return `do-${runId}-`;
}

/** Whether a directory of this name was made for one of these runs. */
export function isTemporaryOf(name: string, runIds: readonly string[]): boolean {
  const prefix = name.replace(RANDOM, '');
  return (
    prefix !== name &&
    (prefix.startsWith('do-') || prefix.startsWith('deep-optimize-')) &&
    runIds.some((id) => prefix === socketPrefix(id) || prefix.endsWith(`-${id}-`))
  );
}
