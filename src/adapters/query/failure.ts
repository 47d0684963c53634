import { z } from 'zod';
import {
  DeepOptimizeError,
  EnvironmentError,
  ERROR_CODES,
  InputError,
  InternalError,
  TargetError,
} from '../../core/errors.ts';
import type { ErrorCode } from '../../core/errors.ts';

const CODES = Object.keys(ERROR_CODES) as readonly ErrorCode[] as [ErrorCode, ...ErrorCode[]];

/** An error of ours on its way from the process that executes to the one that asked. */
export const failureSchema = z.object({
  kind: z.enum(['input', 'environment', 'target', 'internal']),
  code: z.enum(CODES),
  message: z.string(),
  fix: z.string(),
  output: z.string().optional(),
});
export type Failure = z.infer<typeof failureSchema>;

/** `clean` takes out of all texts what nobody may read. */
export function toFailure(error: unknown, clean: (text: string) => string): Failure {
  const known =
    error instanceof DeepOptimizeError
      ? error
      : new InternalError('internal', 'Executing the statement failed in a way that nobody thought of.', {
          fix: 'Report this as a defect, with the output.',
          output: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
  return {
    kind: known.kind,
    code: known.code,
    message: clean(known.message),
    fix: known.fix,
    ...(known.output === undefined ? {} : { output: clean(known.output) }),
  };
}

export function toError({ kind, code, message, fix, output }: Failure): DeepOptimizeError {
  const Kind = {
    input: InputError,
    environment: EnvironmentError,
    target: TargetError,
    internal: InternalError,
  }[kind];
  return new Kind(code, message, { fix, ...(output === undefined ? {} : { output }) });
}
