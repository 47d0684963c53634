import { TargetError } from '../../core/errors.ts';
import type { NextStep } from '../../core/model/result.ts';
import type { FunctionPlan } from '../../core/ports/bench.ts';
import type { CommandResult } from '../../core/ports/processes.ts';
import type { Failure } from './child-protocol.ts';

/** What the harness says is wrong with the measured project. */
export function describeFailure(plan: FunctionPlan, failure: Failure): TargetError {
  const { module, workload } = plan;
  const output = failure.detail === '' ? {} : { output: failure.detail };
  const correct: readonly NextStep[] = [
    { tool: 'define_goals', arguments: {}, why: `see workload "${workload}" and correct it` },
  ];
  const again: readonly NextStep[] = [
    { tool: 'measure_baseline', arguments: { workload }, why: 'measure again when it is mended' },
  ];
  switch (failure.stage) {
    case 'import':
      return new TargetError('function_failed', `${module} could not be loaded.`, {
        fix: 'Make it load in a fresh checkout; a build belongs into "setup", a git-ignored file that it needs into "include".',
        next: again,
        ...output,
      });
    case 'export':
      return new TargetError('function_failed', `${module} ${failure.problem}.`, {
        fix: 'Set "export" of the workload to the name of an exported function ("default", "parse", "parser.parse").',
        next: correct,
        ...output,
      });
    case 'arguments':
      return new TargetError(
        'function_failed',
        `The arguments of "${plan.export}"${atSize(plan)} could not be made: ${failure.problem}.`,
        {
          fix: 'A generator is an exported function; called with the size, it returns (or yields) an array of arguments for each input, as in [["first call"], ["second call"]].',
          next: correct,
          ...output,
        },
      );
    case 'call':
      return new TargetError(
        'function_failed',
        `"${plan.export}" of ${module} failed${atSize(plan)} for input ${failure.input} (of ${failure.inputs}, counted from 0).`,
        {
          fix: 'Make it take every input of the workload, or correct the arguments; what it threw is below.',
          next: again,
          ...output,
        },
      );
  }
}

/** A process that ended, or had to be ended, before it had said anything. */
export function describeEnd(plan: FunctionPlan, ended: CommandResult): TargetError {
  const printed = ended.stderr.trim() === '' ? ended.stdout : ended.stderr;
  const output = printed.trim() === '' ? {} : { output: printed.slice(-4_000) };
  const what = `"${plan.export}" of ${plan.module}`;
  const { workload } = plan;
  const next: readonly NextStep[] = [
    { tool: 'measure_baseline', arguments: { workload }, why: 'measure again when it is mended' },
  ];
  if (ended.timedOut) {
    return new TargetError(
      'function_failed',
      `The process that calls ${what}${atSize(plan)} was not done after ${plan.timeoutMs / 1000} s and was killed.`,
      {
        fix: 'Check that it returns (and that its promise settles); else raise "timeout_s" of the workload, or use fewer inputs or a smaller size.',
        next,
        ...output,
      },
    );
  }
  const how = ended.signal === null ? `exit code ${ended.code ?? 'unknown'}` : `signal ${ended.signal}`;
  return new TargetError(
    'function_failed',
    `The process that calls ${what}${atSize(plan)} ended by itself (${how}).`,
    {
      fix: 'The module must not end the process, and errors outside of the call (in timers, in events) must be handled; its last output is below.',
      next,
      ...output,
    },
  );
}

function atSize({ size }: FunctionPlan): string {
  return size === undefined ? '' : ` at size ${size}`;
}
