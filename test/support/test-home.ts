import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll } from 'vitest';

export interface TestHome {
  /** Removed when the tests of the file are over. */
  readonly directory: string;
  /** For a server: a state, approvals and a measurement lock of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** A new empty directory. */
  newDirectory(name: string): string;
  /** Processes that descend from a server of this home, but for those named: pid and command line. */
  processes(...except: readonly (number | undefined)[]): readonly string[];
}

/** A home of one test file, so that files neither see nor block each other. */
export function createTestHome(): TestHome {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'deep-optimize-e2e-')));
  afterAll(() => {
    // Only after a failed test is there anything: it must not disturb those that follow.
    for (const pid of findMarked(directory)) kill(pid);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  });
  let made = 0;
  return {
    directory,
    env: {
      ...inherit('HOME', 'LANG', 'TMPDIR'),
      // Load generators start with hardly more than PATH: it carries the mark that `processes` looks for.
      PATH: `${process.env['PATH'] ?? ''}${delimiter}${directory}`,
      DEEP_OPTIMIZE_HOME: join(directory, 'state'),
    },
    newDirectory: (name) => {
      const place = join(directory, `${name}-${made++}`);
      mkdirSync(place);
      return place;
    },
    processes: (...except) =>
      findMarked(directory)
        .filter((pid) => !except.includes(pid))
        .map((pid) => ({ pid, commandLine: readProc(pid, 'cmdline').replaceAll('\0', ' ') }))
        // Ended between the two looks: its memory is gone, and the command line with it.
        .filter(({ commandLine }) => commandLine !== '')
        .map(({ pid, commandLine }) => `${pid} ${commandLine}`),
  };
}

/** One that is dead but not waited for has no environment any more, and is not found. */
function findMarked(mark: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readProc(pid, 'environ').includes(mark));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended just now by itself.
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function inherit(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
