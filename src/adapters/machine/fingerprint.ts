import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem, type } from 'node:os';
import type { Fingerprint } from '../../core/model/measurement.ts';

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

/** The kernel is told but not part of the id: a security update must not void every baseline. */
export function readFingerprint(): Fingerprint {
  const model = readCpuModel();
  const cores = cpus().length;
  const memoryBytes = totalmem();
  const nodeVersion = process.versions.node.split('.').slice(0, 2).join('.');
  // Rounded, since what the firmware keeps for itself differs by a few MiB between starts.
  const memoryGib = Math.round(memoryBytes / GIB);
  const identity = [model, cores, memoryGib, platform(), arch(), nodeVersion];
  return {
    id: `mach_${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12)}`,
    cpu_model: model,
    cores,
    memory_bytes: memoryBytes,
    platform: `${platform()}-${arch()}`,
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
  };
}
