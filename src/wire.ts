/** Which adapter stands behind which port. Only main.ts asks. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDataFiles } from './adapters/data/create-data-files.ts';
import { createFileSizes } from './adapters/data/file-sizes.ts';
import { createFunctionBench } from './adapters/bench/function-bench.ts';
import { createCommandRuns } from './adapters/command/command-runs.ts';
import { createLoadGenerator } from './adapters/load/load-generator.ts';
import { createMachine } from './adapters/machine/machine.ts';
import { createNativeProfiler } from './adapters/native/native-profiler.ts';
import { createFlamegraphRenderer } from './adapters/pictures/flamegraph-renderer.ts';
import { createPngRenderer } from './adapters/pictures/svg-to-png.ts';
import { createProcesses } from './adapters/process/processes.ts';
import { createApprovals } from './adapters/project/create-approvals.ts';
import { createProjects } from './adapters/project/create-projects.ts';
import { userDirectories } from './adapters/project/user-directories.ts';
import { createCheckouts } from './adapters/snapshots/create-checkouts.ts';
import { createDatabases } from './adapters/query/databases.ts';
import { createQueries } from './adapters/query/queries.ts';
import { createSnapshots } from './adapters/snapshots/create-snapshots.ts';
import { prepareStateDirectory } from './adapters/store/state-directory.ts';
import { createOtlpReceivers } from './adapters/otlp/receiver.ts';
import { createClock } from './adapters/system/clock.ts';
import { createEntropy } from './adapters/system/entropy.ts';
import { baseEnvironment } from './adapters/system/environment.ts';
import { createRunProbes } from './adapters/target/run-probes.ts';
import { createTargets } from './adapters/target/targets.ts';
import type { Ports } from './core/ports/index.ts';

export { createRuns } from './loop/runs.ts';

export interface WireOptions {
  /** Hosts other than loopback that load may go to; given when the server is registered, never by a tool call. */
  readonly allowHosts: readonly string[];
  /** Where the files lie that other processes load; default: the bundle that this is in. */
  readonly filesDir?: string;
}

export function createPorts({ allowHosts, filesDir = bundleDirectory() }: WireOptions): Ports {
  const home = process.env['DEEP_OPTIMIZE_HOME'];
  const directories = userDirectories(home);
  const baseEnv = baseEnvironment(process.env);
  const clock = createClock();
  const processes = createProcesses();
  const beside = (file: string): string => join(filesDir, file);
  return {
    clock,
    entropy: createEntropy(),
    processes,
    machine: createMachine({ canPin: processes.canPin, ...(home === undefined ? {} : { stateDir: home }) }),
    otlp: createOtlpReceivers(),
    nativeProfiler: createNativeProfiler({
      processes,
      env: baseEnv,
      pythonSamplersDirectory: beside('python'),
    }),
    targets: createTargets({ processes, probeFile: beside('probe.cjs') }),
    runProbes: createRunProbes({ probeFile: beside('probe.cjs') }),
    commandRuns: createCommandRuns({ processes, launcherFile: beside('launcher.js') }),
    load: createLoadGenerator({
      processes,
      closedLoopFile: beside('closed-loop.js'),
      openLoopFile: beside('open-loop.js'),
      answersFile: beside('answers.js'),
      ceilingServerFile: beside('ceiling-server.js'),
      allowHosts,
    }),
    dataFiles: createDataFiles(),
    fileSizes: createFileSizes(),
    bench: createFunctionBench({
      processes,
      harnessFile: beside('function.js'),
      tsxLoader: () => import.meta.resolve('tsx'),
    }),
    queries: createQueries({ processes, childFile: beside('query.js'), baseEnv, allowHosts }),
    databases: createDatabases({ processes, childFile: beside('database.js'), baseEnv, allowHosts }),
    pictures: {
      ...createFlamegraphRenderer({ processes, childFile: beside('flamegraph.js') }),
      ...createPngRenderer({ processes, childFile: beside('svg-to-png.js') }),
    },
    approvals: createApprovals({ configDir: directories.config }),
    projects: createProjects({
      // The database is native code: loaded when a history is first opened.
      openStore: async (options) =>
        (await import('./adapters/store/open-store.ts')).openStore({
          ...options,
          onUnreadable: (error) => console.error(error.message),
        }),
      prepareStateDirectory,
      createSnapshots: (directory) =>
        createSnapshots({ directory, processes, clock, baseEnv, prepareStateDirectory }),
      createCheckouts: (directory, snapshots) =>
        createCheckouts({ directory, snapshots, processes, baseEnv, cacheDir: directories.cache }),
    }),
    reportDefect: (error) => console.error(error),
    baseEnv,
  };
}

/** The bundle splits into chunks one folder down (scripts/build.ts). */
function bundleDirectory(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}
