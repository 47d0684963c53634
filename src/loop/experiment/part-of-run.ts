import type { RunHandle } from '../runs.ts';

/** Progress of one of several workloads, as a part of the whole run's. */
export function partOfRun(
  run: RunHandle,
  { index, of, name }: { readonly index: number; readonly of: number; readonly name: string },
): RunHandle {
  if (of === 1) return run;
  return {
    id: run.id,
    signal: run.signal,
    report: (progress) => {
      const left = of - index - 1;
      run.report({
        ...progress,
        fraction: (index + progress.fraction) / of,
        message: `${name} (${index + 1} of ${of}): ${progress.message}`,
        // What the other workloads take is not known.
        etaS: left === 0 ? progress.etaS : null,
      });
    },
  };
}
