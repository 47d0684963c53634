import { constants, PerformanceObserver } from 'node:perf_hooks';
import type { TracerFile } from '../../../../core/trace/tracer-file.ts';

type Collections = TracerFile['collections'];

const KIND_BY_NUMBER: ReadonlyMap<number, Collections[number][0]> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** When the thread stood still for them: v8.GCProfiler would be cheaper, and tells durations but no times. */
export function watchCollections(): { close(fromMs: number): Collections } {
  const seen: Collections = [];
  const add = (entries: readonly { startTime: number; duration: number; detail?: unknown }[]): void => {
    for (const { startTime, duration, detail } of entries) {
      const number = (detail as { kind?: number } | undefined)?.kind;
      const kind = number === undefined ? undefined : KIND_BY_NUMBER.get(number);
      if (kind !== undefined) seen.push([kind, startTime, startTime + duration]);
    }
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return {
    close(fromMs) {
      add(observer.takeRecords());
      observer.disconnect();
      return seen.filter(([, from]) => from >= fromMs);
    },
  };
}
