import { InputError } from './errors.ts';
import type { Argv, CommandWorkload } from './model/goals.ts';

/** One combination of the parameters, filled in. */
export interface CommandLine {
  /** "size=100 mode=fast"; empty without parameters. */
  readonly label: string;
  readonly command: Argv;
  readonly prepare: readonly Argv[];
  readonly cleanup: readonly Argv[];
}

/** A sample runs all of them, and each is a vector that somebody has to confirm. */
const MAX_COMBINATIONS = 64;

/** Every combination of the parameters, the last parameter changing fastest; one line when there are none. */
export function commandLines(workload: CommandWorkload): readonly CommandLine[] {
  const parameters = Object.entries(workload.parameters ?? {});
  const count = parameters.reduce((product, [, values]) => product * values.length, 1);
  if (count > MAX_COMBINATIONS) {
    throw new InputError(
      'invalid_arguments',
      `The parameters of "${workload.name}" have ${count} combinations; at most ${MAX_COMBINATIONS} are run in a sample.`,
      { fix: 'Give fewer values, or make several workloads of it.' },
    );
  }
  let combinations: readonly (readonly (readonly [string, string])[])[] = [[]];
  for (const [name, values] of parameters)
    combinations = combinations.flatMap((chosen) =>
      values.map((value) => [...chosen, [name, String(value)] as const]),
    );
  return combinations.map((chosen) => {
    const values = new Map(chosen);
    const fill = (argv: Argv): Argv => argv.map((argument) => fillIn(argument, values));
    return {
      label: chosen.map(([name, value]) => `${name}=${value}`).join(' '),
      command: fill(workload.command),
      prepare: (workload.prepare ?? []).map(fill),
      cleanup: (workload.cleanup ?? []).map(fill),
    };
  });
}

/** In one pass, so that a value with braces in it is not filled in again. Names that are no parameters stay as they are. */
function fillIn(argument: string, values: ReadonlyMap<string, string>): string {
  return argument.replace(/\{([a-z][a-z0-9_]*)\}/gi, (whole, name: string) => values.get(name) ?? whole);
}
