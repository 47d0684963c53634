import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the control groups above this process leave of the machine. */
export interface CgroupLimits {
  /** Cores' worth of CPU time; undefined without a quota. */
  readonly cpuQuota?: number;
  readonly memoryBytes?: number;
}

export interface Cgroup {
  readonly limits: CgroupLimits;
  /** Periods, since the groups were made, in which a quota stopped their processes; undefined without a quota. */
  throttledPeriods(): number | undefined;
}

/** v1 writes "no limit" as the largest multiple of a page; nobody has a tenth of that. */
const UNLIMITED_BYTES = 2 ** 60;

interface Place {
  readonly version: 1 | 2;
  /** From the group of this process up to the root of the mount: each of them may have a limit. */
  readonly folders: readonly string[];
}

/**
 * Both versions of cgroups (Documentation/admin-guide/cgroup-v2.rst and cgroup-v1 of the kernel). `root` is the directory that
 * stands for "/": tests give recorded files. Nothing is limited where there are none.
 */
export function readCgroup(root = '/'): Cgroup {
  const cpu = findPlace(root, 'cpu');
  const memory = findPlace(root, 'memory');
  const cpuQuota = smallest(cpu?.folders.map((folder) => readQuota(folder, cpu.version)) ?? []);
  const memoryBytes = smallest(memory?.folders.map((folder) => readMemory(folder, memory.version)) ?? []);
  const limited = cpu?.folders.filter((folder) => readQuota(folder, cpu.version) !== undefined) ?? [];
  return {
    limits: {
      ...(cpuQuota === undefined ? {} : { cpuQuota }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    },
    throttledPeriods: () =>
      limited.length === 0 ? undefined : limited.reduce((sum, folder) => sum + readThrottled(folder), 0),
  };
}

function findPlace(root: string, controller: 'cpu' | 'memory'): Place | undefined {
  const groups = readGroups(root);
  const mounts = readMounts(root);
  // A controller is in one hierarchy only: that of v1 when one has it.
  const v1 = groups.find(({ controllers }) => controllers.includes(controller));
  const group = v1 ?? groups.find(({ controllers }) => controllers.length === 0);
  const mount = mounts.find(({ type, options }) =>
    v1 ? type === 'cgroup' && options.includes(controller) : type === 'cgroup2',
  );
  if (!group || !mount) return undefined;
  // In a container /proc may name the group from the host's root, while the mount begins at the group.
  const below =
    mount.root === '/'
      ? group.path
      : group.path === mount.root || group.path.startsWith(`${mount.root}/`)
        ? group.path.slice(mount.root.length)
        : '';
  const steps = below.split('/').filter((step) => step !== '' && step !== '..');
  const folders = steps.map((_, index) => join(root, mount.folder, ...steps.slice(0, steps.length - index)));
  return { version: v1 ? 1 : 2, folders: [...folders, join(root, mount.folder)] };
}

/** Lines such as "4:cpu,cpuacct:/docker/abc" (v1) and "0::/user.slice" (v2). */
function readGroups(root: string): readonly { controllers: readonly string[]; path: string }[] {
  return readLines(join(root, 'proc/self/cgroup')).flatMap((line) => {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ controllers: controllers.split(',').filter(Boolean), path }];
  });
}

/** man 5 proc_pid_mountinfo: root and mount point are the 4th and 5th field; type and options stand behind " - ". */
function readMounts(
  root: string,
): readonly { root: string; folder: string; type: string; options: readonly string[] }[] {
  return readLines(join(root, 'proc/self/mountinfo')).flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , mountRoot, folder] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    return mountRoot === undefined || folder === undefined || !type.startsWith('cgroup')
      ? []
      : [{ root: mountRoot, folder, type, options: options.split(',') }];
  });
}

function readQuota(folder: string, version: 1 | 2): number | undefined {
  const [quota, period] =
    version === 2
      ? readText(join(folder, 'cpu.max')).split(/\s+/)
      : [readText(join(folder, 'cpu.cfs_quota_us')), readText(join(folder, 'cpu.cfs_period_us'))];
  const cores = Number(quota) / Number(period);
  // "max" in v2, -1 in v1.
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

function readMemory(folder: string, version: 1 | 2): number | undefined {
  const bytes = Number(readText(join(folder, version === 2 ? 'memory.max' : 'memory.limit_in_bytes')));
  return Number.isFinite(bytes) && bytes > 0 && bytes < UNLIMITED_BYTES ? bytes : undefined;
}

function readThrottled(folder: string): number {
  return Number(/^nr_throttled (\d+)$/m.exec(readText(join(folder, 'cpu.stat')))?.[1] ?? 0);
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // Not there, or not ours to read: then it is no limit that we could tell of.
    return '';
  }
}

function readLines(file: string): readonly string[] {
  return readText(file).split('\n');
}
