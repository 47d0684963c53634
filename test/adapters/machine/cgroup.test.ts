import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCgroup } from '../../../src/adapters/machine/cgroup.ts';
import { readFingerprint } from '../../../src/adapters/machine/fingerprint.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

const MIB = 2 ** 20;
const fixture = (name: string): string => join(import.meta.dirname, '../../fixtures/cgroup', name);
const directory = createTemporaryDirectory();

describe('readCgroup', () => {
  test.each([
    // Recorded; the quota lies on the outer group, and 15 periods of it were throttled.
    ['linux-6.18-v1', { cpuQuota: 0.5, memoryBytes: 512 * MIB }, 15],
    // The smallest of the limits on the way up.
    ['linux-v2', { cpuQuota: 2.5, memoryBytes: 2048 * MIB }, 3],
    ['linux-v2-container', { cpuQuota: 0.5, memoryBytes: 256 * MIB }, 5],
    ['docker-v1', { cpuQuota: 2, memoryBytes: 1024 * MIB }, 0],
    ['not-there', {}, undefined],
  ])('%s', (name, limits, throttled) => {
    const cgroup = readCgroup(fixture(name));
    expect(cgroup.limits).toEqual(limits);
    expect(cgroup.throttledPeriods()).toBe(throttled);
  });

  test('throttling is read again each time', () => {
    const root = join(directory.path, 'again');
    cpSync(fixture('linux-v2-container'), root, { recursive: true });
    const cgroup = readCgroup(root);
    expect(cgroup.throttledPeriods()).toBe(5);
    writeFileSync(join(root, 'sys/fs/cgroup/cpu.stat'), 'nr_periods 9\nnr_throttled 8\n');
    expect(cgroup.throttledPeriods()).toBe(8);
  });

  test('"max" and the largest number of v1 are no limits', () => {
    const root = join(directory.path, 'unlimited');
    cpSync(fixture('docker-v1'), root, { recursive: true });
    const cpu = join(root, 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us');
    writeFileSync(cpu, '-1\n');
    writeFileSync(join(root, 'sys/fs/cgroup/memory/memory.limit_in_bytes'), '9223372036854771712\n');
    expect(readCgroup(root).limits).toEqual({});
    expect(readCgroup(root).throttledPeriods()).toBeUndefined();
  });
});

describe('a fingerprint', () => {
  const plain = readFingerprint(fixture('not-there'));

  test('has no limits where there are none, and no governor where none is told', () => {
    expect(plain.limits).toBeUndefined();
    expect(plain.governor).toBeUndefined();
  });

  test('has the limits of its container, and they are part of the id', () => {
    const limited = readFingerprint(fixture('linux-v2-container'));
    expect(limited.limits).toEqual({ cpu_quota: 0.5, memory_bytes: 256 * MIB });
    expect(limited.id).not.toBe(plain.id);
    expect({ ...limited, id: plain.id, limits: undefined }).toEqual({ ...plain, limits: undefined });
    const other = readFingerprint(fixture('linux-6.18-v1'));
    expect(other.limits).toEqual({ cpu_quota: 0.5, memory_bytes: 512 * MIB });
    expect(new Set([plain.id, limited.id, other.id]).size).toBe(3);
  });

  test('a limit that differs by a page is the same machine', () => {
    const root = join(directory.path, 'page');
    cpSync(fixture('linux-v2-container'), root, { recursive: true });
    writeFileSync(join(root, 'sys/fs/cgroup/memory.max'), String(256 * MIB - 4096));
    expect(readFingerprint(root).id).toBe(readFingerprint(fixture('linux-v2-container')).id);
  });

  test('fewer cores than the machine has are a limit', () => {
    const root = join(directory.path, 'one-core');
    mkdirSync(join(root, 'proc/self'), { recursive: true });
    writeFileSync(join(root, 'proc/self/status'), 'Name:\tx\nCpus_allowed_list:\t0\n');
    const one = readFingerprint(root);
    expect(one.limits).toEqual(plain.cores > 1 ? { cores: 1 } : undefined);
  });

  test('tells the governor, which is not part of the id', () => {
    const root = join(directory.path, 'governor');
    cpSync(join(fixture('docker-v1'), 'sys/devices'), join(root, 'sys/devices'), { recursive: true });
    expect(readFingerprint(root)).toEqual({ ...plain, governor: 'performance' });
  });
});
