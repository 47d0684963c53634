import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Failure, Job } from './child-protocol.ts';
import { findExport } from './find-export.ts';
import { describeThrown, FunctionFailure } from './function-failure.ts';

/** The arguments of one call. */
export type Input = readonly unknown[];

/** A generator without an end must become an error and not a full memory. */
const MOST_INPUTS = 10_000;

/** The inputs that the calls cycle through, made anew each time. */
export async function makeInputs({ args, size }: Job): Promise<readonly Input[]> {
  if (args === undefined) return [[]];
  // A copy, so that a function that changes its arguments does not change the plan.
  if ('json' in args) return [structuredClone(args.json)];
  if ('file' in args) return [readArguments(args.file)];
  return await generate(args.module, args.export ?? 'default', size);
}

function readArguments(file: string): Input {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(resolve(file), 'utf8'));
  } catch (error) {
    throw wrongArguments(`${file} could not be read as JSON`, describeThrown(error));
  }
  if (!Array.isArray(value))
    throw wrongArguments(`${file} does not hold an array, the arguments of one call`);
  return value;
}

async function generate(module: string, name: string, size: number | undefined): Promise<readonly Input[]> {
  const generator = `"${name}" of ${module}`;
  let iterable: unknown;
  const inputs: Input[] = [];
  try {
    const namespace = (await import(pathToFileURL(resolve(module)).href)) as object;
    iterable = await findExport(namespace, name)(size);
    if (!isIterable(iterable))
      throw wrongArguments(`${generator} did not return an array or another iterable`);
    for await (const input of iterable) {
      if (!Array.isArray(input)) {
        throw wrongArguments(
          `input ${inputs.length} of ${generator} is not an array of arguments but a value of type ${typeof input}`,
        );
      }
      inputs.push(input);
      if (inputs.length > MOST_INPUTS)
        throw wrongArguments(`${generator} gave more than ${MOST_INPUTS} inputs`);
    }
  } catch (error) {
    if (error instanceof FunctionFailure) throw inGenerator(error.failure, module);
    throw wrongArguments(`${generator} threw`, describeThrown(error));
  }
  if (inputs.length === 0) throw wrongArguments(`${generator} gave no input`);
  return inputs;
}

/** A missing export of the generator's module is a matter of the arguments. */
function inGenerator(failure: Failure, module: string): FunctionFailure {
  if (failure.stage !== 'export') return new FunctionFailure(failure);
  return wrongArguments(`${module} ${failure.problem}`, failure.detail);
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}

function wrongArguments(problem: string, detail = ''): FunctionFailure {
  return new FunctionFailure({ stage: 'arguments', problem, detail });
}
