import { z } from 'zod';
import { displayFile } from '../profile/display-file.ts';
import { packageOf } from '../profile/package-of.ts';
import type { AllocationSite } from './model.ts';

/**
 * `HeapProfiler.SamplingHeapProfile` of the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/#type-SamplingHeapProfile), as the probe writes it:
 * a tree of frames, `selfSize` the bytes that its samples stand for. V8 has scaled them to what was allocated.
 */
const frameSchema = z.object({
  functionName: z.string(),
  url: z.string(),
  /** 0-based; -1 where there is none. */
  lineNumber: z.number(),
});

interface SamplingNode {
  readonly callFrame: z.infer<typeof frameSchema>;
  readonly id: number;
  readonly selfSize: number;
  readonly children: readonly SamplingNode[];
}

const nodeSchema: z.ZodType<SamplingNode> = z.object({
  callFrame: frameSchema,
  id: z.number(),
  selfSize: z.number().min(0),
  get children() {
    return z.array(nodeSchema);
  },
});
const profileSchema = z.object({ head: nodeSchema, samples: z.array(z.object({ nodeId: z.number() })) });

export interface SamplingReading {
  /** Heaviest first. */
  readonly sites: readonly AllocationSite[];
  readonly bytes: number;
}

/** The frames of our probe (adapters/target/probe/protocol.ts), which are the price of looking and not the program. */
const PROBE_URL = 'deep-optimize:probe';

const ANONYMOUS = '(anonymous)';

type Caller = Pick<AllocationSite, 'function' | 'file' | 'line' | 'package'>;

/** Where bytes without any JavaScript above them go: the runtime's own start, code and tables. */
const RUNTIME: Caller = { function: '(runtime)' };

/**
 * Adds up the bytes of several threads by function. What a built-in or a module of Node.js allocates is charged to the
 * function that called it, as the time of built-ins is: `JSON.parse` has no line that anybody can edit.
 */
export function readSampling(
  contents: readonly string[],
  { roots }: { readonly roots: readonly string[] },
): SamplingReading {
  const sums = new Map<string, { caller: Caller; bytes: number; samples: number; collected: number }>();
  for (const content of contents) {
    // A stack and no recursion: heads of real profiles are some hundred frames deep, and files are foreign.
    const { head, samples } = profileSchema.parse(JSON.parse(content));
    const samplesOf = new Map<number, number>();
    for (const { nodeId } of samples) samplesOf.set(nodeId, (samplesOf.get(nodeId) ?? 0) + 1);
    const open: { node: SamplingNode; above: Caller }[] = [{ node: head, above: RUNTIME }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, above } = next;
      if (node.callFrame.url === PROBE_URL) continue;
      const caller = chargedTo(toCaller(node, roots), above);
      if (node.selfSize > 0) {
        const key = JSON.stringify([caller.function, caller.file, caller.line]);
        const sum = sums.get(key) ?? { caller, bytes: 0, samples: 0, collected: 0 };
        sum.bytes += node.selfSize;
        sum.samples += samplesOf.get(node.id) ?? 0;
        if (putsIntoCollection(node)) sum.collected += node.selfSize;
        sums.set(key, sum);
      }
      for (const child of node.children) open.push({ node: child, above: caller });
    }
  }
  const bytes = [...sums.values()].reduce((sum, site) => sum + site.bytes, 0);
  return {
    bytes,
    sites: [...sums.values()]
      .map((site) => ({
        ...site.caller,
        bytes: site.bytes,
        samples: site.samples,
        ...(site.collected > 0 ? { intoCollections: site.collected } : {}),
        share: bytes === 0 ? 0 : site.bytes / bytes,
      }))
      .sort((a, b) => b.bytes - a.bytes),
  };
}

/**
 * A function without a name that stands below the head of the one that called it, in its file, is most often a callback inside
 * of it (`list.map((item) => …)`): the name is what people look for.
 */
function chargedTo(caller: Caller | undefined, above: Caller): Caller {
  if (caller === undefined) return above;
  const isInside =
    caller.function === ANONYMOUS &&
    above.function !== ANONYMOUS &&
    caller.file === above.file &&
    (caller.line ?? 0) >= (above.line ?? Infinity);
  return isInside ? above : caller;
}

/** Built-ins of V8 that make their collection larger. */
const PUTTING: readonly string[] = ['set', 'add', 'push', 'unshift'];

function putsIntoCollection({ callFrame: { url, functionName } }: SamplingNode): boolean {
  return url === '' && PUTTING.includes(functionName);
}

/** Undefined for what belongs to its caller. */
function toCaller({ callFrame }: SamplingNode, roots: readonly string[]): Caller | undefined {
  const { url, lineNumber, functionName } = callFrame;
  if (url === '' || url.startsWith('node:')) return undefined;
  const name = packageOf(url);
  return {
    function: functionName === '' ? ANONYMOUS : functionName,
    file: displayFile(url, roots),
    ...(lineNumber >= 0 ? { line: lineNumber + 1 } : {}),
    ...(name === undefined ? {} : { package: name }),
  };
}
