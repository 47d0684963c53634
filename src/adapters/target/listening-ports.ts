import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';

/** inode of the socket -> port, of what listens in the network namespace of a process (Documentation/networking/proc_net_tcp.rst). */
function readListeners(pid: number, table: 'tcp' | 'tcp6'): ReadonlyMap<string, number> {
  const listeners = new Map<string, number>();
  try {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
      const inode = fields[9];
      if (fields[3] === LISTEN && inode !== undefined && port > 0) listeners.set(inode, port);
    }
  } catch {
    // The process is gone, or IPv6 is switched off.
  }
  return listeners;
}

function readSocketInodes(pid: number): readonly string[] {
  const inodes: string[] = [];
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode !== undefined) inodes.push(inode);
      } catch {
        // Closed between two reads.
      }
    }
  } catch {
    // The process is gone, or not ours to look into.
  }
  return inodes;
}

/** TCP ports that these processes listen on, in rising order; none where there is no /proc. */
export function findListeningPorts(pids: readonly number[]): readonly number[] {
  const ports = new Set<number>();
  for (const pid of pids) {
    const inodes = readSocketInodes(pid);
    if (inodes.length === 0) continue;
    for (const table of ['tcp', 'tcp6'] as const) {
      const listeners = readListeners(pid, table);
      for (const inode of inodes) {
        const port = listeners.get(inode);
        if (port !== undefined) ports.add(port);
      }
    }
  }
  return [...ports].sort((a, b) => a - b);
}
