import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.ts';
import { importProfile } from '../../../src/core/importers/index.ts';
import type { ImportedProfile } from '../../../src/core/importers/index.ts';
import { PROBE_FILE_NAME } from '../../../src/core/importers/index.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { RECORDED_PROGRAMS, readRecorded } from '../detectors/recorded.ts';

interface NodeSpec {
  readonly id: number;
  readonly name: string;
  readonly url?: string;
  readonly line?: number;
  readonly children?: readonly number[];
  readonly ticks?: readonly { readonly line: number; readonly ticks: number }[];
}

function v8(nodes: readonly NodeSpec[], samples: readonly number[], timeDeltas: readonly number[]): string {
  return JSON.stringify({
    nodes: nodes.map(({ id, name, url = '', line = -1, children, ticks }) => ({
      id,
      callFrame: {
        functionName: name,
        scriptId: '0',
        url,
        lineNumber: line,
        columnNumber: line < 0 ? -1 : 0,
      },
      hitCount: samples.filter((sample) => sample === id).length,
      ...(children === undefined ? {} : { children }),
      ...(ticks === undefined ? {} : { positionTicks: ticks }),
    })),
    startTime: 0,
    endTime: 10_000,
    samples,
    timeDeltas,
  });
}

/** "a > b" -> [ms, samples] for each stack with weight, without the root. */
function stacks({ profile }: ImportedProfile): Record<string, readonly [number, number]> {
  const result: Record<string, readonly [number, number]> = {};
  profile.nodes.self.forEach((weight, node) => {
    const path: string[] = [];
    for (let at = node; at >= 0; at = profile.nodes.parent[at] ?? -1)
      path.unshift(profile.frames[profile.nodes.frame[at] ?? 0]?.name ?? '?');
    const samples = profile.nodes.samples[node] ?? 0;
    if (weight > 0 || samples > 0) result[path.slice(1).join(' > ')] = [weight / 1000, samples];
  });
  return result;
}

const ROOT = { id: 1, name: '(root)' };

describe('v8-cpuprofile', () => {
  it('weighs a sample with the time delta at its place, i.e. the time before it', () => {
    const imported = importProfile(
      v8(
        [
          { ...ROOT, children: [2, 3] },
          {
            id: 2,
            name: 'f',
            url: 'file:///a.js',
            line: 4,
            ticks: [
              { line: 5, ticks: 1 },
              { line: 7, ticks: 1 },
            ],
          },
          { id: 3, name: '(idle)' },
        ],
        [2, 3, 2],
        [1000, 5000, 3000],
      ),
    );
    expect(stacks(imported)).toEqual({ f: [4, 2], '(idle)': [5, 1] });
    expect(imported.warnings).toEqual([]);
    const hot = imported.profile.frames.findIndex(({ name }) => name === 'f');
    const node = imported.profile.nodes.frame.indexOf(hot);
    expect([...(imported.profile.lines.get(node) ?? [])]).toEqual([
      [5, 2000],
      [7, 2000],
    ]);
  });

  it('classifies frames', () => {
    const imported = importProfile(
      v8(
        [
          { ...ROOT, children: [2, 3, 4, 5] },
          { id: 2, name: '(program)' },
          { id: 3, name: '(idle)' },
          { id: 4, name: '(garbage collector)' },
          { id: 5, name: '', url: 'file:///srv/my%20app/a.mjs?v=2', line: 9, children: [6, 7, 8, 9, 10, 12] },
          { id: 6, name: 'stringify' },
          { id: 7, name: 'RegExp: ^a+$' },
          { id: 8, name: 'addon_call' },
          { id: 9, name: 'pbkdf2Sync', url: 'node:internal/crypto/pbkdf2', line: 61, children: [11] },
          { id: 10, name: 'query', url: '/srv/node_modules/@x/db/index.js', line: 0 },
          { id: 11, name: 'parse' },
          { id: 12, name: 'win', url: 'file:///C:/app/a.js', line: 0 },
        ],
        [5],
        [1],
      ),
    );
    const byName = new Map(imported.profile.frames.map((frame) => [frame.name, frame]));
    expect(byName.get('(anonymous)')).toEqual({
      name: '(anonymous)',
      kind: 'js',
      file: '/srv/my app/a.mjs',
      line: 10,
      column: 1,
    });
    expect(byName.get('query')).toMatchObject({ kind: 'js', package: '@x/db', line: 1 });
    expect(byName.get('win')).toMatchObject({ file: 'C:/app/a.js' });
    expect(byName.get('pbkdf2Sync')).toMatchObject({ kind: 'builtin', package: 'node', line: 62 });
    const kinds = [
      '(program)',
      '(idle)',
      '(garbage collector)',
      'stringify',
      'RegExp: ^a+$',
      'addon_call',
      'parse',
    ];
    expect(kinds.map((name) => byName.get(name)?.kind)).toEqual([
      'program',
      'idle',
      'gc',
      'builtin',
      'builtin',
      'native',
      'native',
    ]);
  });

  it('drops frames of our probe and gives their weight to the caller', () => {
    const imported = importProfile(
      v8(
        [
          { ...ROOT, children: [2, 6] },
          { id: 2, name: 'emit', url: 'node:events', line: 1, children: [3] },
          { id: 3, name: 'wrapped', url: `file:///x/dist/${PROBE_FILE_NAME}`, line: 1, children: [4] },
          { id: 4, name: 'send', url: `/x/dist/${PROBE_FILE_NAME}`, line: 5, children: [5] },
          { id: 5, name: 'handler', url: 'file:///app/a.js', line: 1 },
          { id: 6, name: 'tick', url: `C:\\x\\${PROBE_FILE_NAME}`, line: 5 },
        ],
        [3, 4, 5, 6],
        [1000, 2000, 4000, 500],
      ),
    );
    expect(stacks(imported)).toEqual({
      emit: [3, 2],
      'emit > handler': [4, 1],
      '(program)': [0.5, 1],
    });
  });

  it('leaves the time out in which the inspector starts the profiler', () => {
    const imported = importProfile(
      v8(
        [
          { ...ROOT, children: [2, 5] },
          { id: 2, name: 'onMessage', url: 'file:///app/a.js', line: 1, children: [3] },
          { id: 3, name: 'post', url: 'node:inspector', line: 1, children: [4] },
          { id: 4, name: 'dispatch' },
          { id: 5, name: 'work', url: 'file:///app/a.js', line: 9 },
        ],
        [4, 5],
        [60_000, 1000],
      ),
    );
    expect(stacks(imported)).toEqual({ work: [1, 1] });
    expect(imported.warnings).toMatchObject([
      { code: 'profile_of_profiler', message: expect.stringContaining('60 ms') as string },
    ]);
  });

  it('clamps negative deltas and counts them', () => {
    const imported = importProfile(
      v8(
        [
          { ...ROOT, children: [2] },
          { id: 2, name: 'f', url: 'a.js', line: 0 },
        ],
        [2, 2, 2],
        [100, -50, 1000],
      ),
    );
    expect(stacks(imported)).toEqual({ f: [1.1, 3] });
    expect(imported.warnings).toMatchObject([
      { code: 'profile_negative_times', message: expect.stringContaining('1 of 3 samples') as string },
    ]);
  });

  it('weighs samples alike when there are no times, and says so', () => {
    const text = JSON.stringify({
      nodes: [
        { id: 1, callFrame: { functionName: '(root)' }, children: [2] },
        { id: 2, callFrame: { functionName: 'f', url: 'a.js', lineNumber: 0 } },
      ],
      startTime: 0,
      endTime: 4000,
      samples: [2, 2],
    });
    const imported = importProfile(text, 'x.cpuprofile');
    expect(stacks(imported)).toEqual({ f: [4, 2] });
    expect(imported.warnings).toMatchObject([{ code: 'profile_without_times' }]);
  });

  it('reports samples of unknown nodes and missing deltas', () => {
    const imported = importProfile(
      v8(
        [
          { ...ROOT, children: [2] },
          { id: 2, name: 'f', url: 'a.js', line: 0 },
        ],
        [2, 99, 2],
        [1000, 1000],
      ),
    );
    expect(stacks(imported)).toEqual({ f: [1, 2] });
    expect(imported.warnings.map(({ code }) => code).sort()).toEqual([
      'profile_times_incomplete',
      'profile_unknown_nodes',
    ]);
  });

  it('reads nodes that name their parent in place of their children', () => {
    const text = JSON.stringify({
      nodes: [
        { id: 1, callFrame: { functionName: '(root)' } },
        { id: 2, parent: 1, callFrame: { functionName: 'f', url: 'a.js', lineNumber: 0 } },
        { id: 3, parent: 2, callFrame: { functionName: 'g', url: 'a.js', lineNumber: 3 } },
      ],
      samples: [3],
      timeDeltas: [1000],
    });
    expect(stacks(importProfile(text))).toEqual({ 'f > g': [1, 1] });
  });

  it('reads stacks that are 20,000 deep', () => {
    const depth = 20_000;
    const nodes = Array.from({ length: depth }, (_, index) => ({
      id: index + 1,
      name: index === 0 ? '(root)' : index % 2 === 0 ? 'even' : 'odd',
      ...(index === 0 ? {} : { url: 'file:///deep.js', line: index % 2 }),
      ...(index === depth - 1 ? {} : { children: [index + 2] }),
    }));
    const { profile } = importProfile(v8(nodes, [depth], [1000]));
    const { functions } = analyzeProfile(profile);
    expect(profile.nodes.parent.length).toBe(depth);
    expect(functions.map(({ frame, total }) => [frame.name, total])).toEqual([
      ['odd', 1000],
      ['even', 1000],
    ]);
  });

  describe('refuses', () => {
    const whole = v8(
      [
        { ...ROOT, children: [2] },
        { id: 2, name: 'f', url: 'a.js', line: 0 },
      ],
      [2],
      [1],
    );
    it.each([
      ['an empty file', '', /is empty \(0 bytes\)/],
      ['a file that is cut off', whole.slice(0, -30), /is cut off/],
      ['broken JSON', '{"nodes": [}', /is not valid JSON/],
      ['another JSON file', '{"log": {"entries": []}}', /JSON of no format that is known/],
      ['an array', '[]', /JSON of no format/],
      ['a profile without nodes', '{"nodes": [], "samples": []}', /without nodes/],
      [
        'nodes of something else',
        '{"nodes": [{"id": 1, "callFrame": {}}, {"id": 2, "label": "x"}], "edges": [], "samples": [1]}',
        /without "id" or "callFrame" \(nodes\[1\]\)/,
      ],
      ['a profile without samples', v8([ROOT], [], []), /1 nodes but no samples/],
      ['the form before 2016', '{"head": {"functionName": "(root)"}}', /nested "head" form/],
      [
        'a cycle',
        v8([ROOT, { id: 2, name: 'a', children: [3] }, { id: 3, name: 'b', children: [2] }], [2], [1]),
        /2 nodes that no root leads to/,
      ],
    ])('%s', (_, text, message) => {
      let thrown: unknown;
      try {
        importProfile(text, 'given.cpuprofile');
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(InputError);
      if (!(thrown instanceof InputError)) return;
      expect(thrown.message).toMatch(message);
      expect(thrown.message).toContain('given.cpuprofile');
      expect(thrown.fix).not.toBe('');
    });

    it('a format that it does not know, with the formats that it does', () => {
      expect(() => importProfile('dear diary\n', 'stacks.txt')).toThrow(/no known format/);
    });
  });

  it.each(RECORDED_PROGRAMS)(
    'reads the recording of %s as bytes, as text and without its name',
    (program) => {
      const bytes = readRecorded(program, 'attribution');
      const text = new TextDecoder().decode(bytes);
      const imported = importProfile(bytes, `${program}.cpuprofile`);
      expect(importProfile(`\uFEFF${text}`)).toEqual(imported);
      const utf16 = new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'));
      expect(importProfile(utf16)).toEqual(imported);
      const { parent } = imported.profile.nodes;
      expect(parent.every((above, node) => above < node)).toBe(true);
      const files = imported.profile.frames.flatMap(({ kind, file }) =>
        kind === 'js' && file !== undefined ? [file] : [],
      );
      expect(files).toContain('/srv/app/server.mjs');
      expect(files.every((file) => file.startsWith('/srv/app/'))).toBe(true);
    },
  );
});
