import type { Processes } from '../../core/ports/processes.ts';
import type { NativeProfiler, NativeRecordingRequest } from '../../core/ports/native-profiler.ts';
import { isPython } from './executable.ts';
import { recordWithPerf } from './perf.ts';
import { recordWithPySpy } from './py-spy.ts';

export interface SamplerContext {
  readonly processes: Processes;
  /** The samplers' environment; its PATH is where they are looked for. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * py-spy for Python where it is installed, else perf: perf sees the C functions of an interpreter, since Python before 3.12
 * tells it no names, and later ones only where the interpreter was built with frame pointers.
 */
export function createNativeProfiler(context: SamplerContext): NativeProfiler {
  return {
    record: async (request) => {
      const python = request.pids.find(isPython);
      if (python === undefined) return await withPerf(context, request);
      const stacks = await recordWithPySpy(context, { ...request, pid: python });
      if (typeof stacks === 'string') {
        return { producer: 'py-spy', content: stacks, missing: WITHOUT_LOCK };
      }
      return {
        ...(await withPerf(context, request)),
        missing: {
          message: `Functions of Python have no names here: ${stacks.reason}`,
          fix: 'pip install py-spy, for the user and the PATH that this server runs with.',
        },
      };
    },
  };
}

const WITHOUT_LOCK = {
  message:
    "py-spy counted what holds the interpreter's lock: C code that lets go of it (sqlite3, zlib, numpy) is not in the profile.",
  fix: 'Where that may be the cost, record with "py-spy record --native --format raw" and give the file to find_bottlenecks.',
};

async function withPerf(context: SamplerContext, request: NativeRecordingRequest) {
  return { producer: 'perf', content: await recordWithPerf(context, request), missing: null } as const;
}
