import { inspect } from 'node:util';
import type { Failure } from './child-protocol.ts';

/** Of foreign text, in characters: what an error message needs, with its stack. */
const LONGEST_DETAIL = 4_000;

/** Raised in the harness for what the measured project is to blame for. */
export class FunctionFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.stage);
    this.failure = { ...failure, detail: failure.detail.slice(0, LONGEST_DETAIL) };
  }
}

/** The stack of a thrown value, whatever was thrown. */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error && typeof thrown.stack === 'string') return thrown.stack;
    return inspect(thrown, { depth: 2 });
  } catch {
    // A getter or a proxy of the measured program.
    return 'a value that cannot be shown';
  }
}

/** The start of the arguments that a call failed with. */
export function describeInput(input: readonly unknown[]): string {
  try {
    return inspect(input, { depth: 3, maxArrayLength: 10, maxStringLength: 100, breakLength: 120 }).slice(
      0,
      500,
    );
  } catch {
    return 'arguments that cannot be shown';
  }
}
