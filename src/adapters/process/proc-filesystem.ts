import { readdirSync, readFileSync } from 'node:fs';

/** One line of the process table, from /proc/PID/stat (man 5 proc). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks after boot. With the pid it names a process for good: pids are used again. */
  readonly startTicks: number;
  /** Dead, but not yet waited for by its parent. */
  readonly isZombie: boolean;
  /** User and system time of the process with all its threads, past ones too. */
  readonly cpuTicks: number;
  /** The same of children that ended and were waited for, with theirs. */
  readonly reapedCpuTicks: number;
}

/** USER_HZ: 100 on every architecture that Node.js is built for, whatever CONFIG_HZ is. */
export const US_PER_TICK = 10_000;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between two reads, or is not ours to read.
    return undefined;
  }
}

/** The name in brackets may itself hold spaces and brackets, so fields are counted from the last one. */
export function parseStat(text: string): ProcessEntry | undefined {
  const end = text.lastIndexOf(')');
  if (end < 0) return undefined;
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(end + 2).split(' ');
  const field = (index: number): number => Number(fields[index]);
  const entry: ProcessEntry = {
    pid,
    parentPid: field(1),
    group: field(2),
    session: field(3),
    startTicks: field(19),
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
    cpuTicks: field(11) + field(12),
    reapedCpuTicks: field(13) + field(14),
  };
  return Number.isFinite(entry.startTicks) && Number.isFinite(pid) ? entry : undefined;
}

export function readProcessEntry(pid: number): ProcessEntry | undefined {
  const text = readText(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Every process that is there now; those of `isKnown` are told as pids only, which spares reading them. */
export function readProcessTable(isKnown: (pid: number) => boolean = () => false): {
  readonly pids: ReadonlySet<number>;
  readonly entries: readonly ProcessEntry[];
} {
  const pids = new Set<number>();
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    pids.add(pid);
    const entry = isKnown(pid) ? undefined : readProcessEntry(pid);
    if (entry !== undefined) entries.push(entry);
  }
  return { pids, entries };
}

/** Variables that the process was started with, as NAME=value; none where it can't be read. */
export function readStartEnvironment(pid: number): readonly string[] {
  return readText(`/proc/${pid}/environ`)?.split('\0') ?? [];
}

/** Nanoseconds on a CPU of the threads that are alive, from the scheduler: finer than ticks; undefined where not built in. */
export function readThreadRunNs(pid: number): number | undefined {
  let total = 0;
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return undefined;
  }
  for (const thread of threads) {
    const text = readText(`/proc/${pid}/task/${thread}/schedstat`);
    if (text !== undefined) total += Number.parseInt(text, 10) || 0;
  }
  return total;
}

/** From `status`, which tells kB, and not `statm`, which tells pages of a size that Node.js can't ask for. */
export function readRssBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kilobytes ?? 0) * 1024;
}
