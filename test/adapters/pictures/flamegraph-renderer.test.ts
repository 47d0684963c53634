import { readdir } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFlamegraphRenderer } from '../../../src/adapters/pictures/flamegraph-renderer.ts';
import { toSafeCpuProfile, withoutMarkup } from '../../../src/adapters/pictures/safe-cpu-profile.ts';
import type { FlamegraphRenderer } from '../../../src/core/ports/pictures.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

const ATTACK = '</script><img src=x onerror="alert(1)">';
const processes = createSimpleProcesses();
/** The system's is everybody's: other tests make such directories there at the same time. */
const temporary = createTemporaryDirectory();
let children: BundledChildren;
let pictures: FlamegraphRenderer;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/pictures', ['child-flamegraph']);
  pictures = createFlamegraphRenderer({ processes, childFile: children.file('child-flamegraph') });
  vi.stubEnv('TMPDIR', temporary.path);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await processes.killAll();
  await children.remove();
});

function frameOf(functionName: string, url = '', lineNumber = -1) {
  return { functionName, scriptId: '0', url, lineNumber, columnNumber: 0 };
}

const PROFILE = JSON.stringify({
  nodes: [
    { id: 10, callFrame: frameOf('(root)'), hitCount: 0, children: [11, 13] },
    {
      id: 11,
      callFrame: frameOf(`slow${ATTACK}`, `file:///app/${ATTACK}.js`, 41),
      hitCount: 7,
      children: [12],
    },
    { id: 12, callFrame: frameOf('', 'file:///app/callback.js', 3), hitCount: 2 },
    { id: 13, callFrame: frameOf('(idle)'), hitCount: 90 },
  ],
  startTime: 0,
  endTime: 100,
  samples: [],
  timeDeltas: [],
});

describe('flamegraph', () => {
  it('is one self-contained page that no name can break out of, and leaves nothing behind', async () => {
    const html = await pictures.html(PROFILE, {
      title: `GET /x ${ATTACK}`,
      signal: new AbortController().signal,
    });
    expect(await readdir(temporary.path)).toEqual([]);

    expect(html).toContain('<html>');
    expect(html).not.toContain('</script><img');
    expect(html).not.toContain('onerror="');
    // One script element, which is closed once: nothing in it ends it early.
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<\/script/g)).toHaveLength(1);
    expect(html).not.toMatch(/<(script|img|iframe|link)[^>]*\s(src|href)=/);
    expect(html).not.toMatch(/@import|url\(\s*["']?https?:/);

    const tree = drawnTree(html);
    expect(tree.children[0]).toMatchObject({
      name: `slow${withoutMarkup(ATTACK)} file:///app/${withoutMarkup(ATTACK)}.js:42`,
      value: 9,
    });
    expect(tree.children[0]?.children[0]).toMatchObject({
      name: 'anonymous file:///app/callback.js:4',
      top: 2,
    });
    expect(tree.children[1]).toMatchObject({ name: '(idle)', value: 0 });
  });

  it('refuses what is no profile before it starts anything', async () => {
    const options = { title: 't', signal: new AbortController().signal };
    await expect(pictures.html('not json', options)).rejects.toMatchObject({
      kind: 'input',
      code: 'no_profile',
    });
    await expect(pictures.html('{"nodes":[]}', options)).rejects.toMatchObject({ code: 'no_profile' });
  });

  it('stops when it is aborted, and leaves nothing behind', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(pictures.html(PROFILE, { title: 't', signal: controller.signal })).rejects.toThrow('enough');
    expect(await readdir(temporary.path)).toEqual([]);
  });

  it('says so when the child fails', async () => {
    const broken = createFlamegraphRenderer({ processes, childFile: '/nowhere/child.mjs' });
    await expect(
      broken.html(PROFILE, { title: 't', signal: new AbortController().signal }),
    ).rejects.toMatchObject({
      kind: 'internal',
      code: 'command_failed',
    });
  });
});

describe('a profile that 0x can draw', () => {
  it('has its root first, and hits from the samples where the producer gave none', () => {
    const profile = toSafeCpuProfile(
      JSON.stringify({
        nodes: [
          { id: 7, callFrame: frameOf('leaf'), parent: 5 },
          { id: 5, callFrame: frameOf('(root)') },
        ],
        samples: [7, 7, 5],
      }),
    );
    expect(profile.nodes).toMatchObject([
      { id: 2, hitCount: 2, children: [] },
      { id: 1, hitCount: 1, children: [2] },
    ]);
  });

  it('refuses a circle', () => {
    const nodes = [
      { id: 1, callFrame: frameOf('a'), children: [2] },
      { id: 2, callFrame: frameOf('b'), children: [1] },
    ];
    expect(() => toSafeCpuProfile(JSON.stringify({ nodes }))).toThrow(/circle/);
  });
});

interface DrawnNode {
  readonly name: string;
  readonly value: number;
  readonly top: number;
  readonly children: readonly DrawnNode[];
}

/** Runs the page's last statement with a `visualizer` of ours: what the page would draw. */
function drawnTree(html: string): DrawnNode {
  const call = html.slice(html.lastIndexOf('visualizer({'), html.lastIndexOf('</script>'));
  const drawn: DrawnNode[] = [];
  runInNewContext(call, { visualizer: (trees: { readonly merged: DrawnNode }) => drawn.push(trees.merged) });
  const [tree] = drawn;
  if (tree === undefined) throw new Error('the page draws nothing');
  return tree;
}
