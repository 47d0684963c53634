import type { ChildUsage } from '../../core/ports/command-runs.ts';
import { parseRusage, RUSAGE_BYTES } from './parse-rusage.ts';

/** sys/resource.h, the same number on Linux and macOS. */
const RUSAGE_CHILDREN = -1;

/**
 * A reader of getrusage(RUSAGE_CHILDREN), which Node.js does not have: called by koffi, whose binaries come as an npm package
 * of each platform. Undefined where there is none, or no such call: then there are fewer metrics, and the result says so
 * (docs/adr/0014).
 */
export async function loadChildUsage(): Promise<(() => ChildUsage | null) | undefined> {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const layout = { platform, longBytes: koffi.sizeof('long') };
    const getrusage = koffi.load(null).func('getrusage', 'int', ['int', 'void *']);
    return () => {
      const bytes = Buffer.alloc(RUSAGE_BYTES);
      const failed: unknown = getrusage(RUSAGE_CHILDREN, bytes);
      return failed === 0 ? parseRusage(bytes, layout) : null;
    };
  } catch {
    return undefined;
  }
}
