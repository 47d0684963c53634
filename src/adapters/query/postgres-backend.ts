import { readFileSync, readdirSync } from 'node:fs';

/** The server process of one connection, when it runs on this machine. */
export interface Backend {
  readonly pid: number;
  /**
   * User and system time so far, in µs; null once it has ended. `withWorkers`: with the processes that the server has started
   * and waited for. Workers of a parallel plan are such, and live for one execution only; so is every other session that ends
   * meanwhile, which is why this is asked for only where the plan has workers.
   */
  cpuUs(options: { readonly withWorkers: boolean }): number | null;
}

/** USER_HZ: 100 on every architecture that Node.js is built for. */
const US_PER_TICK = 10_000;

/**
 * The pid that the server tells may be one of another machine or container, and here the pid of something else. It is taken
 * for ours when exactly one process calls itself a PostgreSQL process and has that pid in its own namespace (`NSpid` of
 * /proc/PID/status, whose last number is that of the innermost one).
 */
export function findBackend(serverPid: number): Backend | undefined {
  if (process.platform !== 'linux') return undefined;
  const found = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isPostgres(pid) && innermostPid(pid) === serverPid);
  const [pid, second] = found;
  if (pid === undefined || second !== undefined) return undefined;
  const postmaster = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]);
  return {
    pid,
    cpuUs({ withWorkers }) {
      const own = readCpuUs(pid);
      return own === null || !withWorkers ? own : own + readReapedUs(postmaster);
    },
  };
}

/** A backend sets its title: "postgres: user database 127.0.0.1(40000) idle", with a cluster's name after the colon. */
function isPostgres(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`)?.startsWith('postgres: ') === true;
}

function innermostPid(pid: number): number {
  const line = /^NSpid:\s+(.+)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(line?.split(/\s+/).at(-1));
}

/** From the scheduler, in ns, where the kernel tells it; else in ticks. */
function readCpuUs(pid: number): number | null {
  const scheduler = read(`/proc/${pid}/schedstat`);
  if (scheduler !== undefined) return Number.parseInt(scheduler, 10) / 1000;
  const ticks = readTicks(pid);
  return ticks === undefined ? null : ticks.own * US_PER_TICK;
}

/** Of children that ended and were waited for. */
function readReapedUs(pid: number): number {
  return (readTicks(pid)?.reaped ?? 0) * US_PER_TICK;
}

/** /proc/PID/stat (man 5 proc); the name in brackets may hold spaces, so fields are counted from the last bracket. */
function readTicks(pid: number): { readonly own: number; readonly reaped: number } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (index: number): number => Number(fields[index]);
  return { own: field(11) + field(12), reaped: field(13) + field(14) };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
