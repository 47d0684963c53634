import { describe, expect, it } from 'vitest';
import { readSampling } from '../../../src/core/memory/read-sampling.ts';
import { recordedMemory } from './recorded.ts';

interface Node {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly id: number;
  readonly children: readonly Node[];
}

let lastId = 0;
const node = (name: string, url: string, line: number, selfSize: number, ...children: Node[]): Node => ({
  callFrame: { functionName: name, url, lineNumber: line - 1 },
  selfSize,
  id: ++lastId,
  children,
});
const profile = (head: Node, samples: readonly { readonly nodeId: number }[] = []) =>
  JSON.stringify({ head, samples });
const read = (...contents: string[]) => readSampling(contents, { roots: ['/app'] });

describe('reading a sampling heap profile', () => {
  it('charges built-ins and modules of Node.js to the function that called them', () => {
    const { sites, bytes } = read(
      profile(
        node(
          '(root)',
          '',
          0,
          0,
          node('load', '/app/a.mjs', 4, 10, node('parse', '', 0, 20), node('alloc', 'node:buffer', 9, 30)),
        ),
      ),
    );
    expect(bytes).toBe(60);
    expect(sites).toEqual([{ function: 'load', file: 'a.mjs', line: 4, bytes: 60, samples: 0, share: 1 }]);
  });

  it('adds up threads, counts samples and knows packages', () => {
    const one = node('f', '/app/node_modules/pg/lib/x.js', 3, 100);
    const two = node('f', '/app/node_modules/pg/lib/x.js', 3, 50);
    const { sites } = read(
      profile(node('(root)', '', 0, 0, one), [{ nodeId: one.id }, { nodeId: one.id }]),
      profile(node('(root)', '', 0, 0, two), [{ nodeId: two.id }]),
    );
    expect(sites).toEqual([
      {
        function: 'f',
        file: 'node_modules/pg/lib/x.js',
        line: 3,
        package: 'pg',
        bytes: 150,
        samples: 3,
        share: 1,
      },
    ]);
  });

  it('names the function around a callback, and the handler that stands alone', () => {
    const callback = node('', '/app/a.mjs', 6, 40);
    const { sites } = read(
      profile(
        node('(root)', '', 0, 0, node('list', '/app/a.mjs', 5, 0, callback), node('', '/app/b.mjs', 2, 20)),
      ),
    );
    expect(sites.map((site) => [site.function, site.line, site.bytes])).toEqual([
      ['list', 5, 40],
      ['(anonymous)', 2, 20],
    ]);
  });

  it('leaves the probe out', () => {
    const { sites } = read(profile(node('(root)', '', 0, 0, node('talk', 'deep-optimize:probe', 1, 99))));
    expect(sites).toEqual([]);
  });

  it('refuses what is none', () => {
    expect(() => read('{"nodes":[]}')).toThrow();
  });

  it('of real programs names who allocates and who keeps', () => {
    expect(recordedMemory('leak').live[0]).toMatchObject({ function: 'remember', file: 'leak.mjs', line: 4 });
    expect(recordedMemory('timers').live[0]).toMatchObject({ function: 'watchOrder', file: 'timers.mjs' });
    expect(recordedMemory('buffers').live[0]).toMatchObject({ function: 'keepUpload' });
    expect(recordedMemory('churn').allocation[0]).toMatchObject({
      function: 'makeEvents',
      file: 'churn.mjs',
    });
  });
});
