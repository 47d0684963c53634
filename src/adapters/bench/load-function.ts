import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Job } from './child-protocol.ts';
import type { Callable } from './find-export.ts';
import { findExport } from './find-export.ts';
import { describeThrown, FunctionFailure } from './function-failure.ts';

/** The function of the checkout that the process was started in. */
export async function loadFunction({ module, export: path }: Job): Promise<Callable> {
  let namespace: object;
  try {
    namespace = (await import(pathToFileURL(resolve(module)).href)) as object;
  } catch (error) {
    throw new FunctionFailure({ stage: 'import', detail: describeThrown(error) });
  }
  return findExport(namespace, path);
}
