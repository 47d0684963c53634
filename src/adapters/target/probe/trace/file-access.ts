import fs from 'node:fs';
import { traceCallback, tracePromise } from './async-calls.ts';
import { traceSync } from './sync-calls.ts';
import { patchMethod } from './patch-method.ts';

/** What exists as …Sync too is what reads and writes: watch, createReadStream and classes are not. */
export function traceFileAccess(): void {
  const names = Object.keys(fs).filter((name) => name.endsWith('Sync'));
  for (const sync of names) {
    const name = sync.slice(0, -'Sync'.length);
    patchMethod(fs, sync, traceSync(`fs.${sync}`));
    patchMethod(fs, name, traceCallback('file', `fs.${name}`));
    patchMethod(fs.promises, name, tracePromise('file', `fs.promises.${name}`));
  }
}
