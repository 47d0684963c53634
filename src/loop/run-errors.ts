import {
  DeepOptimizeError,
  EnvironmentError,
  InputError,
  InternalError,
  TargetError,
} from '../core/errors.ts';
import type { ErrorCode, ErrorKind } from '../core/errors.ts';
import type { NextStep } from '../core/model/result.ts';
import type { Run } from '../core/model/run.ts';

/** An error as it is kept with a run. */
export interface StoredError {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
  readonly next: readonly NextStep[];
  readonly output: string | undefined;
}

export function toStoredError(error: unknown): StoredError {
  const known =
    error instanceof DeepOptimizeError
      ? error
      : new InternalError('internal', error instanceof Error ? error.message : String(error), {
          fix: 'Try again; if it happens again, report it with the log that the server wrote to stderr.',
          cause: error,
        });
  const { kind, code, message, fix, next, output } = known;
  return { kind, code, message, fix, next, output };
}

/** A failed, cancelled or interrupted run answers with the error that ended it, however often it is asked for. */
export function toRunError(run: Run): DeepOptimizeError {
  const error = run.error as StoredError; // written by loop/runs.ts
  const Kind = {
    input: InputError,
    environment: EnvironmentError,
    target: TargetError,
    internal: InternalError,
  }[error.kind];
  const ended = run.state === 'failed' ? '' : `Run ${run.id} was ${run.state}. `;
  return new Kind(error.code, `${ended}${error.message}`, {
    fix: error.fix,
    next: error.next,
    ...(error.output === undefined ? {} : { output: error.output }),
  });
}
