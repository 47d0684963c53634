import { createProfileBuilder } from '../profile/builder.ts';
import type { FrameKind } from '../profile/model.ts';
import type { ProfileImporter } from './importer.ts';
import { isObject, listOf, numberOr, objectsOf, textOr } from './json-shape.ts';
import type { Json } from './json-shape.ts';
import { refuse } from './refuse.ts';
import { frameOfCallFrame } from './v8-frame.ts';

/**
 * V8's sampling heap profile, `HeapProfiler.SamplingHeapProfile`
 * (https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/#type-SamplingHeapProfile), as node --heap-prof, the
 * inspector and Chrome write it. Sizes are bytes, scaled up by V8 for what was not sampled; objects that were still alive
 * at the end, unless the producer asked for collected ones as well.
 */
export const v8HeapProfile: ProfileImporter = {
  id: 'v8-heapprofile',
  title: 'V8 sampling heap profile (.heapprofile)',
  gives: 'profile',
  detect(source) {
    const profile = source.json();
    return isObject(profile) && isObject(profile.head) && isObject(profile.head.callFrame);
  },
  parse(source) {
    const profile = source.json();
    const { head, samples } = isObject(profile) ? profile : {};
    const builder = createProfileBuilder('bytes');
    const counts = countSamples(samples);
    const pending: { node: Json; parent: number; above: FrameKind | undefined }[] = isObject(head)
      ? [{ node: head, parent: -1, above: undefined }]
      : [];
    let bytes = 0;
    for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
      const { node, parent, above } = item;
      const { functionName, url, lineNumber, columnNumber } = isObject(node.callFrame) ? node.callFrame : {};
      const frame = frameOfCallFrame(
        {
          functionName: textOr(functionName, ''),
          url: textOr(url, ''),
          lineNumber: numberOr(lineNumber, -1),
          columnNumber: numberOr(columnNumber, -1),
        },
        above,
      );
      const size = Math.max(0, numberOr(node.selfSize, 0));
      bytes += size;
      const at = builder.node(parent, builder.frame(frame));
      // Node.js before 12 wrote no samples; then a function with bytes counts as one.
      const seen = counts === undefined ? (size > 0 ? 1 : 0) : (counts.get(node.id) ?? 0);
      builder.addSelf(at, size, seen);
      for (const child of [...objectsOf(node.children)].reverse())
        pending.push({ node: child, parent: at, above: frame.kind });
    }
    if (bytes === 0) {
      throw refuse(
        source,
        'is a heap profile without a single sampled allocation',
        'Record for longer, or with a smaller interval: node --heap-prof --heap-prof-interval=65536.',
      );
    }
    return { profile: builder.build([]), warnings: [] };
  },
};

function countSamples(samples: unknown): ReadonlyMap<unknown, number> | undefined {
  if (!Array.isArray(samples)) return undefined;
  const counts = new Map<unknown, number>();
  for (const sample of listOf(samples))
    if (isObject(sample)) counts.set(sample.nodeId, (counts.get(sample.nodeId) ?? 0) + 1);
  return counts;
}
