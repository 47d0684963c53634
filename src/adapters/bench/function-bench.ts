import type { Behaviour, Observation } from '../../core/behaviour/model.ts';
import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type {
  EndlessCalls,
  FunctionBench,
  FunctionCalibration,
  FunctionMeasurement,
  FunctionPlan,
} from '../../core/ports/bench.ts';
import type { WindowEdge } from '../../core/ports/load.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { ChildMessage, ChildPlan, EndlessPlan, Job } from './child-protocol.ts';
import { ENDLESS_ARGUMENT } from './child-protocol.ts';
import { findTsconfig } from './find-tsconfig.ts';
import { openHarnessLink } from './harness-link.ts';
import { describeEnd, describeFailure } from './harness-failures.ts';

export interface FunctionBenchOptions {
  readonly processes: Processes;
  /** Built file of `child-function.ts`. */
  readonly harnessFile: string;
  /** URL of tsx's loader; asked for when a module is TypeScript. */
  readonly tsxLoader: () => string;
}

const TYPESCRIPT = /\.(?:[cm]?ts|tsx|jsx)$/;

type Outcome = Extract<ChildMessage, { readonly type: 'calibrated' | 'measured' | 'observed all' }>;

/** Functions in processes of their own: the node that runs the server, the harness, and the checkout as directory. */
export function createFunctionBench(options: FunctionBenchOptions): FunctionBench {
  return {
    async calibrate(plan, signal): Promise<FunctionCalibration> {
      const outcome = await runHarness(
        options,
        plan,
        { ...jobOf(options, plan), task: 'calibrate' },
        {},
        signal,
      );
      if (outcome.type === 'calibrated') return outcome.result;
      throw wrongAnswer(outcome);
    },
    async measure(plan, signal): Promise<FunctionMeasurement> {
      const { callsPerTiming, timedMs, onWindow } = plan;
      const task: ChildPlan = { ...jobOf(options, plan), task: 'measure', callsPerTiming, timedMs };
      const outcome = await runHarness(options, plan, task, { onWindow }, signal);
      if (outcome.type === 'measured') return outcome.result;
      throw wrongAnswer(outcome);
    },
    async observe(plan, signal): Promise<Behaviour> {
      const observations: Observation[] = [];
      const sizes = plan.sizes.length === 0 ? [null] : plan.sizes;
      const task: ChildPlan = { ...jobOf(options, plan), task: 'observe', sizes, scope: plan.scope };
      const onObservation = (observation: Observation) => void observations.push(observation);
      const outcome = await runHarness(options, plan, task, { onObservation }, signal);
      if (outcome.type === 'observed all') return { observations, extent: outcome.extent };
      throw wrongAnswer(outcome);
    },
    endlessCalls(plan): EndlessCalls {
      const job = jobOf(options, plan);
      const endless: EndlessPlan = { ...job, task: 'endless' };
      return {
        command: [...harnessOf(options, plan), ENDLESS_ARGUMENT, JSON.stringify(endless)],
        env: environmentOf(plan, job),
      };
    },
  };
}

function harnessOf({ harnessFile }: FunctionBenchOptions, { nodeArgs }: FunctionPlan): readonly string[] {
  return [process.execPath, ...nodeArgs, harnessFile];
}

function jobOf({ tsxLoader }: FunctionBenchOptions, plan: FunctionPlan): Job {
  return {
    module: plan.module,
    export: plan.export,
    ...(plan.args === undefined ? {} : { args: plan.args }),
    ...(plan.size === undefined ? {} : { size: plan.size }),
    warmupMs: plan.warmupMs,
    typescript: modulesOf(plan).some((module) => TYPESCRIPT.test(module)) ? tsxLoader() : null,
  };
}

function modulesOf({ module, args }: FunctionPlan): readonly string[] {
  return args !== undefined && 'module' in args ? [module, args.module] : [module];
}

interface Listeners {
  readonly onWindow?: (edge: WindowEdge) => Promise<void>;
  readonly onObservation?: (observation: Observation) => void;
}

async function runHarness(
  options: FunctionBenchOptions,
  plan: FunctionPlan,
  childPlan: ChildPlan,
  { onWindow, onObservation }: Listeners,
  signal: AbortSignal,
): Promise<Outcome> {
  let said: Exclude<ChildMessage, { readonly type: 'window' | 'observed' }> | undefined;
  const broken = new AbortController();
  const link = await openHarnessLink(plan.runId, childPlan, async (message) => {
    if (message.type === 'observed') onObservation?.(message.observation);
    // The process waits for an answer that will not come: it is ended with the reason.
    else if (message.type === 'window')
      await onWindow?.(message.edge).catch((error: unknown) => broken.abort(error));
    else said = message;
  });
  try {
    const ended = await options.processes.run(
      {
        command: [...harnessOf(options, plan), link.socketPath],
        cwd: plan.directory,
        env: environmentOf(plan, childPlan),
        // A module that reads stdin finds its end.
        input: '',
        ...(plan.cpus === undefined ? {} : { cpus: plan.cpus }),
      },
      { timeoutMs: plan.timeoutMs, signal: AbortSignal.any([signal, broken.signal]) },
    );
    if (ended.startError !== undefined) {
      throw new EnvironmentError('start_failed', `The harness could not be started (${ended.startError}).`, {
        fix: 'Check that the node program that runs deep-optimize can be executed.',
      });
    }
    const outcome = said;
    if (outcome === undefined) throw describeEnd(plan, ended);
    if (outcome.type === 'failed') throw describeFailure(plan, outcome.failure);
    return outcome;
  } finally {
    await link.close();
  }
}

function environmentOf(plan: FunctionPlan, { typescript }: Job): Readonly<Record<string, string>> {
  const env = { ...plan.env, DEEP_OPTIMIZE_RUN: plan.runId };
  const module = modulesOf(plan).find((file) => TYPESCRIPT.test(file));
  const tsconfig =
    typescript === null || module === undefined ? undefined : findTsconfig(plan.directory, module);
  return tsconfig === undefined ? env : { TSX_TSCONFIG_PATH: tsconfig, ...env };
}

function wrongAnswer({ type }: Outcome): InternalError {
  return new InternalError('internal', `The harness answered "${type}" to another question.`, {
    fix: 'Report this as a defect.',
  });
}
