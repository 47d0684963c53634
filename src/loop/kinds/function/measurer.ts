import type { Argv } from '../../../core/model/goals.ts';
import type { FunctionWorkload } from '../../../core/model/workloads/function.ts';
import { loadOfKind } from '../load-of-kind.ts';
import type { Measurer } from '../measurer.ts';
import { behaveFunction } from './behave.ts';
import { settleFunctionLoad } from './load.ts';
import { profileFunction } from './profile.ts';
import { sampleFunction } from './sample.ts';

export function functionMeasurer(workload: FunctionWorkload): Measurer {
  return {
    commands: commandsOf(workload),
    defaultPrimary: 'wall_low_ms',
    env: workload.env ?? {},
    inputFiles: inputFilesOf(workload),
    settle: (ports, context) => settleFunctionLoad(ports, { ...context, workload }),
    behave: (ports, context) =>
      behaveFunction(ports, { ...context, workload, load: loadOfKind('function', context.load) }),
    sample: (ports, context) =>
      sampleFunction(ports, { ...context, workload, load: loadOfKind('function', context.load) }),
    profile: (ports, context) =>
      profileFunction(ports, { ...context, workload, load: loadOfKind('function', context.load) }),
  };
}

/** A module runs code as soon as it is loaded: approved like the command that would load it. */
function commandsOf({ module, args, node_args = [] }: FunctionWorkload): readonly Argv[] {
  const modules = args !== undefined && 'module' in args ? [module, args.module] : [module];
  return modules.map((file) => ['node', ...node_args, file]);
}

/** A generator beside the function itself changes with it, and is read as code. */
function inputFilesOf({ module, args }: FunctionWorkload): readonly string[] {
  if (args === undefined || 'json' in args) return [];
  return 'file' in args ? [args.file] : [args.module].filter((file) => file !== module);
}
