import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCallLoop } from './call-loop.ts';
import type { CallLoop } from './call-loop.ts';
import type { Job } from './child-protocol.ts';
import type { Callable } from './find-export.ts';
import { findExport } from './find-export.ts';
import { describeThrown, FunctionFailure } from './function-failure.ts';
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
  const call = await load(job);
  const importMs = performance.now() - importedAt;
  const madeAt = performance.now();
  const inputs = await makeInputs(job);
  const inputsMs = performance.now() - madeAt;
  return { loop: await startCallLoop(call, inputs), inputs, importMs, inputsMs };
}

async function load({ module, export: path }: Job): Promise<Callable> {
  let namespace: object;
  try {
    namespace = (await import(pathToFileURL(resolve(module)).href)) as object;
  } catch (error) {
    throw new FunctionFailure({ stage: 'import', detail: describeThrown(error) });
  }
  return findExport(namespace, path);
}
