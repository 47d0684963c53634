import type { Callable } from './find-export.ts';
import { describeInput, describeThrown, FunctionFailure } from './function-failure.ts';
import type { Input } from './make-inputs.ts';

/** Calls the function again and again, cycling through its inputs. */
export interface CallLoop {
  readonly inputs: number;
  /** A first call of any input returned a promise: then every result is awaited. */
  readonly isAsync: boolean;
  runSync(calls: number): void;
  run(calls: number): Promise<void>;
  /** Lets go of the last result. */
  forget(): void;
}

/** Every result lands here. Kept by `globalThis`, so that nobody can prove that it is never read. */
const sink: { result: unknown } = { result: undefined };
Object.defineProperty(globalThis, Symbol.for('deep-optimize.result'), { value: sink });

/**
 * Neither the function may be inlined into the loops below nor its result be foreseen: V8 leaves out what a pure function
 * computes for nobody (tried: with results thrown away, four times the work cost 1.1 times as much). A call site that has
 * seen several functions is not inlined, and an element of an array is never taken for a constant (a `const`, a parameter
 * or a field that was written once may be). Calling that way costs about 5 ns.
 */
function invoke(functions: readonly Callable[], args: Input): unknown {
  const call = functions[0] as Callable;
  switch (args.length) {
    case 0:
      return call();
    case 1:
      return call(args[0]);
    case 2:
      return call(args[0], args[1]);
    case 3:
      return call(args[0], args[1], args[2]);
    case 4:
      return call(args[0], args[1], args[2], args[3]);
    default:
      return call(...args);
  }
}

/** Shows each call site of `invoke` functions that are not the measured one. */
function makeMegamorphic(functions: Callable[]): void {
  const strangers: readonly Callable[] = [
    (...args) => args.length,
    (first) => first,
    (first, second) => [first, second],
    () => undefined,
    (...args) => args.at(-1),
  ];
  for (let round = 0; round < 20; round++) {
    for (const stranger of strangers) {
      functions[0] = stranger;
      for (let length = 0; length <= 6; length++) sink.result = invoke(functions, Array.from({ length }));
    }
  }
}

export async function startCallLoop(call: Callable, inputs: readonly Input[]): Promise<CallLoop> {
  const functions: Callable[] = [];
  makeMegamorphic(functions);
  functions[0] = call;
  let next = 0;

  const explain = (thrown: unknown): FunctionFailure => {
    // The mapping that was off while calls were timed: stacks are formatted when they are first read.
    process.setSourceMapsEnabled(true);
    const input = inputs[next] ?? [];
    return new FunctionFailure({
      stage: 'call',
      input: next,
      inputs: inputs.length,
      detail: `${describeThrown(thrown)}\nArguments: ${describeInput(input)}`,
    });
  };
  const advance = (): void => {
    next = next + 1 === inputs.length ? 0 : next + 1;
  };
  const runSync = (calls: number): void => {
    try {
      for (let done = 0; done < calls; done++) {
        sink.result = invoke(functions, inputs[next] as Input);
        advance();
      }
    } catch (thrown) {
      throw explain(thrown);
    }
  };
  const run = async (calls: number): Promise<void> => {
    try {
      for (let done = 0; done < calls; done++) {
        sink.result = await invoke(functions, inputs[next] as Input);
        advance();
      }
    } catch (thrown) {
      throw explain(thrown);
    }
  };

  let isAsync = false;
  try {
    for (let first = 0; first < inputs.length; first++) {
      const result = invoke(functions, inputs[next] as Input);
      isAsync ||= isThenable(result);
      sink.result = await result;
      advance();
    }
  } catch (thrown) {
    throw explain(thrown);
  }
  const forget = (): void => {
    sink.result = undefined;
  };
  return { inputs: inputs.length, isAsync, runSync, run, forget };
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
