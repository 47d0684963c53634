import type { ChildUsage } from '../../core/ports/command-runs.ts';
import { parseRusage, RUSAGE_BYTES, type RusageLayout } from './parse-rusage.ts';

/** Calls that Node.js does not have. */
export interface SystemCalls {
  /** Of all children that ended and were waited for, with theirs. */
  childUsage(): ChildUsage | null;
  /** The cores of this thread; what it starts takes them over. False where they cannot be chosen. */
  useCpus(cpus: readonly number[]): boolean;
}

/** sys/resource.h, the same number on Linux and macOS. */
const RUSAGE_CHILDREN = -1;

/**
 * By koffi, whose binaries come as npm packages of each platform. Undefined where there is none, or no such call: then there
 * are fewer metrics, and the result says so (docs/adr/0014).
 */
export async function loadSystemCalls(): Promise<SystemCalls | undefined> {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin') return undefined;
  try {
    const koffi = (await import('koffi')).default;
    return bind(koffi, { platform, longBytes: koffi.sizeof('long') });
  } catch {
    return undefined;
  }
}

function bind(koffi: Pick<typeof import('koffi').default, 'load'>, layout: RusageLayout): SystemCalls {
  const library = koffi.load(null);
  const getrusage = library.func('getrusage', 'int', ['int', 'void *']);
  const setAffinity =
    layout.platform === 'linux'
      ? library.func('sched_setaffinity', 'int', ['int', 'size_t', 'void *'])
      : undefined;
  return {
    childUsage() {
      const bytes = Buffer.alloc(RUSAGE_BYTES);
      const failed: unknown = getrusage(RUSAGE_CHILDREN, bytes);
      return failed === 0 ? parseRusage(bytes, layout) : null;
    },
    useCpus(cpus) {
      if (setAffinity === undefined || cpus.length === 0) return false;
      const mask = maskOf(cpus);
      // 0: the calling thread, which is the one that Node.js forks from.
      const failed: unknown = setAffinity(0, mask.length, mask);
      return failed === 0;
    },
  };
}

/** cpu_set_t: one bit a core, in whole words. */
export function maskOf(cpus: readonly number[]): Uint8Array {
  const WORD_BYTES = 8;
  const bytes = Math.floor(Math.max(...cpus) / 8) + 1;
  const mask = new Uint8Array(Math.ceil(bytes / WORD_BYTES) * WORD_BYTES);
  for (const cpu of cpus) mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  return mask;
}
