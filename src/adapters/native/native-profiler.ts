import { EnvironmentError } from '../../core/errors.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type {
  NativeProfiler,
  NativeRecording,
  NativeRecordingRequest,
  SampledProgram,
  SampledRun,
} from '../../core/ports/native-profiler.ts';
import { isPython, startsPython } from './executable.ts';
import { recordWithPerf, startUnderPerf } from './perf.ts';
import { recordWithPySpy, startUnderPySpy, type Refused } from './py-spy.ts';
import { sampleInCommand } from './python-command.ts';
import { waitInService, type PythonService } from './python-service.ts';
import type { ServiceStacks } from './python-stacks.ts';

export interface SamplerContext {
  readonly processes: Processes;
  /** The samplers' environment; its PATH is where they are looked for. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the folder with sample-command.py, sample-service.py and guest.py. */
  readonly pythonSamplersDirectory: string;
}

/**
 * py-spy for Python where it is installed, and without it a sampler of ours, inside of the program from its start on. perf for
 * everything else, and for Python that has none of both: there it sees the C functions of the interpreter (Python before 3.12
 * tells it no names, and later ones only where the interpreter was built with frame pointers).
 */
export function createNativeProfiler(context: SamplerContext): NativeProfiler {
  return {
    beside: async (env) => {
      const service = await waitInService(context.pythonSamplersDirectory, env);
      return {
        env: service.env,
        record: (request) => recordService(context, service, request),
        close: service.close,
      };
    },
    around: async (program, signal) => {
      if (!startsPython(program.command)) return await underPerf(context, program, signal);
      const started = await startUnderPySpy(context, program, signal);
      return 'reason' in started
        ? await byOurSampler(context, program, started)
        : { ...started, read: async () => ofPySpy(await started.read()) };
    },
  };
}

async function recordService(
  context: SamplerContext,
  service: PythonService,
  request: NativeRecordingRequest,
): Promise<NativeRecording> {
  const python = request.pids.find(isPython);
  if (python === undefined) return await withPerf(context, request);
  const stacks = await recordWithPySpy(context, { ...request, pid: python });
  if (typeof stacks === 'string') return ofPySpy(stacks);
  const ours = await service.record(request);
  return ours === null
    ? { ...(await withPerf(context, request)), missing: withoutNames(stacks) }
    : ofOurs(ours, stacks);
}

async function underPerf(
  context: SamplerContext,
  program: SampledProgram,
  signal: AbortSignal,
): Promise<SampledRun> {
  const started = await startUnderPerf(context, program, signal);
  return {
    ...started,
    read: async (ofRead) => ({ producer: 'perf', content: await started.read(ofRead), missing: null }),
  };
}

async function byOurSampler(
  { pythonSamplersDirectory }: SamplerContext,
  program: SampledProgram,
  { reason }: Refused,
): Promise<SampledRun> {
  const started = await sampleInCommand(pythonSamplersDirectory, program);
  const missing = {
    message: `Sampled in the main thread of each process of Python; other threads, and what multiprocessing forks, have no names here: ${reason}`,
    fix: INSTALL_PY_SPY,
  };
  return {
    ...started,
    read: async () => {
      const content = await started.read();
      if (content === '') throw nothingSampled();
      return { producer: 'signals in Python', content, missing };
    },
  };
}

function nothingSampled(): EnvironmentError {
  return new EnvironmentError(
    'native_profiler_unavailable',
    'Python left no samples: it runs without the modules of its site (-I, -E, -S), was killed, or took some ms only.',
    { fix: INSTALL_PY_SPY },
  );
}

const INSTALL_PY_SPY =
  'pip install py-spy, for the user and the PATH that this server runs with; or record with another profiler and give its file to find_bottlenecks.';

function ofPySpy(content: string): NativeRecording {
  return { producer: 'py-spy', content, missing: WITHOUT_LOCK };
}

const WITHOUT_LOCK = {
  message:
    "py-spy counted what holds the interpreter's lock: C code that lets go of it (sqlite3, zlib, numpy) is not in the profile.",
  fix: 'Where that may be the cost, record with "py-spy record --native --format raw" and give the file to find_bottlenecks.',
};

function ofOurs({ content, failures }: ServiceStacks, { reason }: Refused): NativeRecording {
  const [failure] = failures;
  if (content === '' && failure !== undefined) {
    throw new EnvironmentError(
      'native_profiler_unavailable',
      `The sampler of ours in Python failed (${failure}).`,
      { fix: INSTALL_PY_SPY },
    );
  }
  const lost = failure === undefined ? '' : ` In ${failures.length} processes it failed (${failure}).`;
  return {
    producer: 'a sampler in Python',
    content,
    missing: {
      message: `${reason} A sampler of ours within Python took its place: C code stands under the line that called it, code of less than 0.2 ms between two calls that wait under theirs, and threads of C libraries are not seen.${lost}`,
      fix: `Nothing to do where the functions that cost are named. ${INSTALL_PY_SPY}`,
    },
  };
}

function withoutNames({ reason }: Refused): NonNullable<NativeRecording['missing']> {
  return {
    message: `Functions of Python have no names here: a sampler within it did not answer (Python under -I, -E or -S does not load one), and ${reason}`,
    fix: INSTALL_PY_SPY,
  };
}

async function withPerf(context: SamplerContext, request: NativeRecordingRequest) {
  return { producer: 'perf', content: await recordWithPerf(context, request), missing: null } as const;
}
