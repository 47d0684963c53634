import { startCallLoop } from './call-loop.ts';
import type { CallLoop } from './call-loop.ts';
import type { Job } from './child-protocol.ts';
import { loadFunction } from './load-function.ts';
import type { Input } from './make-inputs.ts';
import { makeInputs } from './make-inputs.ts';
import { installTypescript } from './typescript-hooks.ts';

export interface PreparedCalls {
  readonly loop: CallLoop;
  readonly inputs: readonly Input[];
  readonly importMs: number;
  readonly inputsMs: number;
}

/** Loads the module, makes the inputs, and calls with each of them once. */
export async function prepareCalls(job: Job): Promise<PreparedCalls> {
  if (job.typescript !== null) await installTypescript(job.typescript);
  const importedAt = performance.now();
  const call = await loadFunction(job);
  const importMs = performance.now() - importedAt;
  const madeAt = performance.now();
  const inputs = await makeInputs(job);
  const inputsMs = performance.now() - madeAt;
  return { loop: await startCallLoop(call, inputs), inputs, importMs, inputsMs };
}
