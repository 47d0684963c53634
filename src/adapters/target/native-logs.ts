import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * V8 writes one for each isolate into its working directory as soon as interpreted functions get machine code of their own
 * (`--interpreted-frames-native-stack`). `--logfile` would send it elsewhere, and is not allowed in NODE_OPTIONS.
 */
const V8_LOG = /^isolate-0x[0-9a-f]+-\d+-v8\.log$/;

/** Remembers the logs of a directory; what it returns removes those that have come since. */
export async function watchV8Logs(directory: string): Promise<() => Promise<void>> {
  const before = await listLogs(directory);
  return async () => {
    for (const name of await listLogs(directory))
      if (!before.includes(name)) await rm(join(directory, name), { force: true });
  };
}

async function listLogs(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => V8_LOG.test(name));
}
