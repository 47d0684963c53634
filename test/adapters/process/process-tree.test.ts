import { describe, expect, test } from 'vitest';
import type { ProcessEntry } from '../../../src/adapters/process/proc-filesystem.ts';
import { parseStat } from '../../../src/adapters/process/proc-filesystem.ts';
import { findTree } from '../../../src/adapters/process/process-tree.ts';

// Far above any pid of this machine, so that the test's own process is never meant.
const ROOT = 9_000_000;

function entry(pid: number, parentPid: number, session: number, startTicks: number): ProcessEntry {
  return {
    pid,
    parentPid,
    session,
    group: session,
    startTicks,
    isZombie: false,
    cpuTicks: 0,
    reapedCpuTicks: 0,
  };
}

function pidsOf(
  table: readonly ProcessEntry[],
  more: { remembered?: readonly [number, number][]; marked?: readonly number[] } = {},
): readonly number[] {
  const found = findTree(table, {
    root: { pid: ROOT, startTicks: 100 },
    remembered: new Map(more.remembered ?? [[ROOT, 100]]),
    isMarked: ({ pid }) => more.marked?.includes(pid) ?? false,
  });
  return found.map(({ pid }) => pid - ROOT).sort((a, b) => a - b);
}

describe('findTree', () => {
  test('takes the session, descendants that left it, and nobody else', () => {
    const table = [
      entry(ROOT, 5, ROOT, 100),
      entry(ROOT + 1, ROOT, ROOT, 101),
      entry(ROOT + 2, ROOT + 1, ROOT + 2, 102),
      entry(ROOT + 3, 1, ROOT, 103),
      entry(ROOT + 4, 1, ROOT + 4, 104),
    ];
    expect(pidsOf(table)).toEqual([0, 1, 2, 3]);
  });

  test('a stranger under the pid of the root is not taken for it, nor its session', () => {
    const table = [entry(ROOT, 5, ROOT, 900), entry(ROOT + 1, ROOT, ROOT, 901)];
    expect(pidsOf(table)).toEqual([]);
  });

  test('an orphan is remembered with its start, and a stranger under its pid is not', () => {
    const remembered = [[ROOT + 7, 110]] as const;
    expect(
      pidsOf([entry(ROOT + 7, 1, ROOT + 7, 110)], {
        remembered: [...remembered.map(([a, b]) => [a, b] as [number, number])],
      }),
    ).toEqual([7]);
    expect(pidsOf([entry(ROOT + 7, 1, ROOT + 7, 999)], { remembered: [[ROOT + 7, 110]] })).toEqual([]);
  });

  test('the mark brings a daemon with its children; what is older than the root is not asked', () => {
    const table = [
      entry(ROOT + 8, 1, ROOT + 8, 120),
      entry(ROOT + 9, ROOT + 8, ROOT + 9, 121),
      entry(ROOT + 10, 1, ROOT + 10, 99),
    ];
    expect(pidsOf(table, { marked: [ROOT + 8, ROOT + 10] })).toEqual([8, 9]);
  });
});

describe('parseStat', () => {
  test('reads a line whose program name holds brackets and spaces', () => {
    const line =
      '4242 (a) b (c) S 17 42 43 0 -1 4194560 1 2 3 4 50 6 70 8 20 0 11 0 987654 1 2 18446744073709551615 0';
    expect(parseStat(line)).toEqual({
      pid: 4242,
      parentPid: 17,
      group: 42,
      session: 43,
      startTicks: 987654,
      isZombie: false,
      cpuTicks: 56,
      reapedCpuTicks: 78,
    });
  });

  test('gives nothing for what is no such line', () => {
    expect(parseStat('')).toBeUndefined();
    expect(parseStat('1 (x) S 2')).toBeUndefined();
  });
});
