import { InputError } from '../errors.ts';
import type { Workload } from '../model/goals.ts';
import type { AppliedLoad } from '../model/measurement.ts';
import type { SweepDimension } from '../model/sweep.ts';
import { requireEnoughLevels } from './levels.ts';

export interface SweepRequest {
  readonly over: SweepDimension;
  /** Absent: the workload's own sizes, or powers of two of connections. */
  readonly values?: readonly (number | string)[] | undefined;
  /** What takes the value: a parameter of a command, or an environment variable. */
  readonly variable?: string | undefined;
}

export interface SweepPlan {
  readonly over: SweepDimension;
  readonly variable: string | undefined;
  readonly values: readonly (number | string)[];
}

/** A workload and its load at one point of a sweep. */
export interface PointSetting {
  readonly workload: Workload;
  readonly load: AppliedLoad;
}

/** Doubling from 1: the levels that a law over concurrency needs, up to four times the connections of a small service. */
const CONNECTIONS = [1, 2, 4, 8, 16, 32, 64];
const MAX_VALUES = 20;

/** Throws InputError when the workload has nothing that could be varied so. */
export function planSweep(workload: Workload, request: SweepRequest): SweepPlan {
  const { over, variable } = request;
  const values = request.values ?? defaultValues(workload, over);
  if (values.length === 0) {
    throw refuse(
      `A sweep over ${over} of "${workload.name}" needs values.`,
      'Give "values", e.g. [1, 2, 4, 8].',
    );
  }
  if (values.length > MAX_VALUES) {
    throw refuse(`${values.length} values are too many for one sweep.`, `Give at most ${MAX_VALUES}.`);
  }
  if (new Set(values).size < values.length)
    throw refuse('A value stands there twice.', 'Give each value once.');
  if (over !== 'environment' && !values.every((value) => typeof value === 'number' && value > 0)) {
    throw refuse(`Values of ${over} are numbers above 0.`, 'Correct "values", or sweep over "environment".');
  }
  const wrong = whyNot(workload, over, variable);
  if (wrong !== undefined) throw refuse(wrong.what, wrong.fix);
  if (over === 'connections' || over === 'size') requireEnoughLevels(values.map(Number), over);
  return { over, variable, values };
}

function defaultValues(workload: Workload, over: SweepDimension): readonly (number | string)[] {
  if (over === 'connections') return CONNECTIONS;
  if (over === 'size' && workload.kind === 'function') return workload.sizes ?? [];
  return [];
}

function whyNot(
  workload: Workload,
  over: SweepDimension,
  variable: string | undefined,
): { readonly what: string; readonly fix: string } | undefined {
  const isHttp = workload.kind === 'http';
  if (isHttp && workload.start === undefined && variable !== undefined) {
    return {
      what: `"${workload.name}" runs already: its environment cannot be set.`,
      fix: 'Give the workload a "start" in place of "attach", or sweep over connections or rate_per_s.',
    };
  }
  switch (over) {
    case 'connections':
    case 'rate_per_s':
      return isHttp
        ? undefined
        : { what: `A ${workload.kind} workload has no ${over}.`, fix: 'Sweep over "size" or "environment".' };
    case 'size':
      if (workload.kind === 'function') {
        return variable === undefined
          ? undefined
          : { what: 'The size of a function goes to its generator.', fix: 'Leave out "variable".' };
      }
      return variable === undefined
        ? {
            what: `What takes the size of a ${workload.kind} workload has to be named.`,
            fix: 'Give "variable": a parameter of the command, or an environment variable that the program reads.',
          }
        : undefined;
    case 'environment':
      return variable === undefined
        ? { what: 'A sweep over the environment needs the name of the variable.', fix: 'Give "variable".' }
        : undefined;
  }
}

function refuse(message: string, fix: string): InputError {
  return new InputError('invalid_arguments', message, { fix });
}

/** The same workload at one point of the plan. */
export function settingAt(
  { over, variable }: SweepPlan,
  value: number | string,
  { workload, load }: PointSetting,
): PointSetting {
  switch (over) {
    case 'connections':
      return { workload, load: load.kind === 'http' ? { ...load, connections: Number(value) } : load };
    case 'rate_per_s':
      return { workload, load: load.kind === 'http' ? { ...load, rate_per_s: Number(value) } : load };
    case 'size':
      if (load.kind === 'function') return { workload, load: { ...load, size: Number(value) } };
      return { workload: withVariable(workload, variable ?? '', value), load };
    case 'environment':
      return { workload: withVariable(workload, variable ?? '', value), load };
  }
}

function withVariable(workload: Workload, name: string, value: number | string): Workload {
  if (workload.kind === 'command' && workload.parameters?.[name] !== undefined) {
    return { ...workload, parameters: { ...workload.parameters, [name]: [value] } };
  }
  const text = String(value);
  if (workload.kind === 'http') {
    const { start } = workload;
    return start === undefined
      ? workload
      : { ...workload, start: { ...start, env: { ...start.env, [name]: text } } };
  }
  return { ...workload, env: { ...workload.env, [name]: text } };
}
