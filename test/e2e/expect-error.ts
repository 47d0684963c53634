import { expect } from 'vitest';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { ToolAnswer } from '../support/mcp.ts';

export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly output?: string;
}

/** Every failure is answered in one form: isError, a code, what happened, what to do; the same in text and in data. */
export function expectError({ isError, data, text }: ToolAnswer, code: ErrorCode): ErrorRecord {
  expect(isError, text).toBe(true);
  const error = data['error'] as ErrorRecord;
  expect(error.code, text).toBe(code);
  expect(error.message.length).toBeGreaterThan(10);
  expect(error.fix.length).toBeGreaterThan(10);
  expect(text).toContain(error.message);
  expect(text).toContain(error.fix);
  expect(data).toMatchObject({ status: 'failed', warnings: [], next_steps: expect.any(Array) as unknown });
  return error;
}
