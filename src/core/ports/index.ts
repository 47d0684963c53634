import type { FunctionBench } from './bench.ts';
import type { Clock, Entropy } from './clock.ts';
import type { DataFiles } from './data-files.ts';
import type { FileSizes } from './file-sizes.ts';
import type { CommandRuns } from './command-runs.ts';
import type { LoadGenerator } from './load.ts';
import type { Databases } from './databases.ts';
import type { Machine } from './machine.ts';
import type { NativeProfiler } from './native-profiler.ts';
import type { OtlpReceivers } from './otlp.ts';
import type { Pictures } from './pictures.ts';
import type { Processes } from './processes.ts';
import type { Queries } from './queries.ts';
import type { RunProbes } from './run-probes.ts';
import type { Approvals, Projects } from './project.ts';
import type { Targets } from './target.ts';

/** Everything that the loop needs from outside; `main.ts` wires it, tests put other things in its place. */
export interface Ports {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly machine: Machine;
  readonly processes: Processes;
  readonly targets: Targets;
  readonly runProbes: RunProbes;
  readonly commandRuns: CommandRuns;
  readonly load: LoadGenerator;
  readonly dataFiles: DataFiles;
  readonly fileSizes: FileSizes;
  readonly bench: FunctionBench;
  readonly queries: Queries;
  readonly databases: Databases;
  readonly otlp: OtlpReceivers;
  readonly nativeProfiler: NativeProfiler;
  readonly pictures: Pictures;
  readonly approvals: Approvals;
  readonly projects: Projects;
  /** Tells the people who keep the server of an error that is ours, with its stack; never stdout. */
  readonly reportDefect: (error: unknown) => void;
  /** The environment that programs under measurement start from: ours, without what is ours alone. */
  readonly baseEnv: Readonly<Record<string, string>>;
}
