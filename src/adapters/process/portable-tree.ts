import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pidusage, { type Status } from 'pidusage';
import type { Descendants } from '../../core/ports/processes.ts';
import type { Tree } from './tree.ts';

const run = promisify(execFile);
const POLL_MS = 20;
const isWindows = process.platform === 'win32';

/** The process and its descendants; only the process itself on Windows, which has no `ps`. */
async function listTree(root: number): Promise<readonly number[]> {
  if (isWindows) return [root];
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=']).catch(() => ({ stdout: '' }));
  const table = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const members = new Set<number>([root]);
  let before = 0;
  while (members.size > before) {
    before = members.size;
    for (const [pid, parent, group] of table) {
      if (pid === undefined || parent === undefined || pid === process.pid) continue;
      if (members.has(parent) || group === root) members.add(pid);
    }
  }
  return [...members];
}

async function measure(pids: readonly number[]): Promise<readonly Status[]> {
  if (pids.length === 0) return [];
  return Object.values(await pidusage([...pids]).catch(() => ({})));
}

function summarize(known: readonly Status[]): Descendants {
  return {
    rssBytes: known.reduce((sum, stat) => sum + stat.memory, 0),
    pids: known.map((stat) => stat.pid),
  };
}

function signalGroup(pid: number, name: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(-pid, name);
    return true;
  } catch {
    return false;
  }
}

async function killWindowsTree(pid: number): Promise<void> {
  // Fails when the process is already gone, which is what was wanted.
  await run('taskkill', ['/PID', String(pid), '/T', '/F']).catch(() => undefined);
}

/** macOS, Windows and the rest: the process group, or `taskkill`; a process that leaves its group is not found again. */
export function createPortableTree(pid: number): Tree {
  let spentUs = 0;
  return {
    async usage() {
      const known = await measure(await listTree(pid));
      // `ctime` is user and system time in ms.
      const cpuUs = known.reduce((sum, stat) => sum + stat.ctime * 1000, 0);
      spentUs = Math.max(spentUs, Math.round(cpuUs));
      return { cpuUs: spentUs, ...summarize(known) };
    },
    async descendants() {
      return summarize(await measure((await listTree(pid)).filter((member) => member !== pid)));
    },
    async kill(graceMs) {
      if (isWindows) return killWindowsTree(pid);
      signalGroup(pid, 'SIGTERM');
      const end = performance.now() + graceMs;
      while (signalGroup(pid, 0) && performance.now() < end) await sleep(POLL_MS);
      signalGroup(pid, 'SIGKILL');
    },
    killNow() {
      if (isWindows) void killWindowsTree(pid);
      else signalGroup(pid, 'SIGKILL');
    },
    isEmpty: () => (isWindows ? false : !signalGroup(pid, 0)),
  };
}
