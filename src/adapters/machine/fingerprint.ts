import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Fingerprint } from '../../core/model/measurement.ts';
import { readCgroup } from './cgroup.ts';
import { readAllowedCpus } from './cpu-plan.ts';

const GIB = 2 ** 30;

/** On ARM the kernel gives no "model name", and Node.js then says "unknown"; implementer and part name the core just as well. */
function readCpuModel(): string {
  const model = cpus()[0]?.model.trim() ?? '';
  if (model !== '' && model !== 'unknown') return model;
  try {
    const info = readFileSync('/proc/cpuinfo', 'utf8');
    const field = (name: string): string => new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(info)?.[1] ?? '';
    const named = field('model name') || field('Hardware') || field('Model');
    if (named !== '') return named;
    const part = `${field('CPU implementer')} ${field('CPU part')}`.trim();
    return part === '' ? 'unknown' : `ARM ${part}`;
  } catch {
    return 'unknown';
  }
}

/** What is left of the machine for us; undefined when that is all of it. */
function readLimits(root: string, cores: number, memoryBytes: number): Fingerprint['limits'] {
  const allowed = readAllowedCpus(root).length;
  const { cpuQuota, memoryBytes: memoryLimit } = readCgroup(root).limits;
  const usable = allowed > 0 ? Math.min(allowed, cores) : cores;
  const limits = {
    ...(usable < cores ? { cores: usable } : {}),
    // A quota of all cores or more stops nobody.
    ...(cpuQuota !== undefined && cpuQuota < usable ? { cpu_quota: cpuQuota } : {}),
    ...(memoryLimit !== undefined && memoryLimit < memoryBytes ? { memory_bytes: memoryLimit } : {}),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** One word when all cores have the same, e.g. "performance". */
function readGovernor(root: string, cores: number): string | undefined {
  const governors = new Set<string>();
  for (let core = 0; core < cores; core++) {
    try {
      const file = `sys/devices/system/cpu/cpu${core}/cpufreq/scaling_governor`;
      governors.add(readFileSync(join(root, file), 'utf8').trim());
    } catch {
      // A virtual machine has none; a core may be off.
    }
  }
  return governors.size === 0 ? undefined : [...governors].sort().join(', ');
}

/** Coarse enough that a container made again with the same settings is the same machine. */
function roundLimits(limits: NonNullable<Fingerprint['limits']>): readonly (number | null)[] {
  const { cores = null, cpu_quota, memory_bytes } = limits;
  return [
    cores,
    cpu_quota === undefined ? null : Math.round(cpu_quota * 10) / 10,
    memory_bytes === undefined ? null : Math.round((memory_bytes / GIB) * 4) / 4,
  ];
}

/**
 * The kernel is told but not part of the id: a security update must not void every baseline. Nor is the governor: it follows
 * the power plug. `root` is the directory that stands for "/": tests give recorded files.
 */
export function readFingerprint(root = '/'): Fingerprint {
  const model = readCpuModel();
  const cores = cpus().length;
  const memoryBytes = totalmem();
  const limits = readLimits(root, cores, memoryBytes);
  const governor = readGovernor(root, cores);
  const nodeVersion = process.versions.node.split('.').slice(0, 2).join('.');
  // Rounded, since what the firmware keeps for itself differs by a few MiB between starts.
  const memoryGib = Math.round(memoryBytes / GIB);
  const identity = [
    model,
    cores,
    memoryGib,
    platform(),
    arch(),
    nodeVersion,
    ...(limits === undefined ? [] : roundLimits(limits)),
  ];
  return {
    id: `mach_${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12)}`,
    cpu_model: model,
    cores,
    memory_bytes: memoryBytes,
    platform: `${platform()}-${arch()}`,
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
    ...(limits === undefined ? {} : { limits }),
    ...(governor === undefined ? {} : { governor }),
  };
}
