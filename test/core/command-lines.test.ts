import { describe, expect, it } from 'vitest';
import { commandLines } from '../../src/core/command-lines.ts';
import type { CommandWorkload } from '../../src/core/model/goals.ts';

const WORKLOAD: CommandWorkload = { name: 'build', kind: 'command', command: ['make', 'all'] };

describe('commandLines', () => {
  it('is the command as it stands without parameters', () => {
    expect(commandLines({ ...WORKLOAD, prepare: [['rm', '-rf', '{out}']] })).toEqual([
      { label: '', command: ['make', 'all'], prepare: [['rm', '-rf', '{out}']], cleanup: [] },
    ]);
  });

  it('has every combination once, filled in wherever a vector names it', () => {
    const lines = commandLines({
      ...WORKLOAD,
      command: ['sort', '--{mode}', 'data-{size}.txt', '{size}{mode}', '{other}'],
      parameters: { size: [10, 2.5], mode: ['fast', 'stable'] },
      prepare: [['make', 'data-{size}.txt']],
      cleanup: [['rm', 'data-{size}.txt'], ['true']],
    });
    expect(lines.map(({ label }) => label)).toEqual([
      'size=10 mode=fast',
      'size=10 mode=stable',
      'size=2.5 mode=fast',
      'size=2.5 mode=stable',
    ]);
    expect(lines[2]).toMatchObject({
      command: ['sort', '--fast', 'data-2.5.txt', '2.5fast', '{other}'],
      prepare: [['make', 'data-2.5.txt']],
      cleanup: [['rm', 'data-2.5.txt'], ['true']],
    });
  });

  it('fills in once: a value that looks like a parameter or a replacement pattern is a value', () => {
    const lines = commandLines({
      ...WORKLOAD,
      command: ['{a}', '{b}'],
      parameters: { a: ['{b}', '$&'], b: ['x'] },
    });
    expect(lines.map(({ command }) => command)).toEqual([
      ['{b}', 'x'],
      ['$&', 'x'],
    ]);
  });

  it('refuses more combinations than anybody would read', () => {
    const values = Array.from({ length: 9 }, (_, index) => index);
    expect(() => commandLines({ ...WORKLOAD, parameters: { a: values, b: values } })).toThrow(
      expect.objectContaining({
        code: 'invalid_arguments',
        message: expect.stringContaining('81') as string,
      }),
    );
  });
});
