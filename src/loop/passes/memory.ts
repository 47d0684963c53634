import { estimateGrowth } from '../../core/memory/growth.ts';
import type { MemoryFacts } from '../../core/memory/model.ts';
import { readSampling } from '../../core/memory/read-sampling.ts';
import { toReadings } from '../../core/memory/readings.ts';
import type { ThreadProfile } from '../../core/ports/target.ts';
import { WARNINGS } from '../../core/warnings.ts';
import type { MemoryCapture } from '../kinds/measurer.ts';
import { keepEvidence, relocate, type ArtifactDraft } from './keep-evidence.ts';
import type { Pass, PassContext } from './pass.ts';

/** Sites beyond these are noise of the sampler; the artifacts keep all. */
const KEPT_SITES = 50;

/** What the program keeps after equal loads, and who allocates. */
export const memoryPass: Pass = {
  id: 'memory',
  doing: 'watching the heap over equal loads',
  weight: 2,
  applies: ({ measurer }) => measurer.memory !== undefined,
  async run(context) {
    const capture = await context.measurer.memory?.(context.ports, context.sample);
    if (capture === undefined) return { facts: {} };
    if (capture === null) return { facts: {}, warnings: [WARNINGS.no_heap()] };
    const live = relocated(context, capture.live);
    const allocated = relocated(context, capture.allocated);
    const memory = readCapture(capture, live, allocated, [context.project.directory]);
    return {
      facts: { memory },
      evidence: [
        await keepEvidence(context, {
          kind: 'memory',
          title: 'Heap after equal loads, and who allocates',
          artifacts: [
            {
              kind: 'memory',
              title: 'What the memory pass saw',
              mime_type: 'application/json',
              extension: 'json',
              content: JSON.stringify(memory),
            },
            ...live.map((thread) => draftProfile('Alive at the end', thread)),
            ...allocated.map((thread) => draftProfile('Allocated in one load', thread)),
          ],
        }),
      ],
      warnings: memory.growth === null ? [WARNINGS.no_heap_growth()] : [],
    };
  },
};

function relocated(context: PassContext, threads: readonly ThreadProfile[]): readonly ThreadProfile[] {
  return threads.map((thread) => ({ ...thread, content: relocate(context, thread.content) }));
}

function readCapture(
  { loads, allocationOperations }: MemoryCapture,
  live: readonly ThreadProfile[],
  allocated: readonly ThreadProfile[],
  roots: readonly string[],
): MemoryFacts {
  const contents = (threads: readonly ThreadProfile[]) => threads.map(({ content }) => content);
  const all = readSampling(contents(allocated), { roots });
  return {
    allocation: all.sites.slice(0, KEPT_SITES),
    live: readSampling(contents(live), { roots }).sites.slice(0, KEPT_SITES),
    growth: estimateGrowth(toReadings(loads)),
    allocatedBytesPerOperation: allocationOperations > 0 ? all.bytes / allocationOperations : null,
  };
}

function draftProfile(title: string, { pid, threadId, content }: ThreadProfile): ArtifactDraft {
  return {
    kind: 'memory',
    title: `${title}, ${threadId === 0 ? 'main' : `worker ${threadId}`} of pid ${pid}`,
    mime_type: 'application/json',
    extension: 'heapprofile',
    content,
  };
}
