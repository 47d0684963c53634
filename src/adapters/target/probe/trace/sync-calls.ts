import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import zlib from 'node:zlib';
import { findSite } from './call-site.ts';
import { hashValues } from './hash.ts';
import type { Callable } from './patch-method.ts';
import { isOwnWork, patchMethod, quietly } from './patch-method.ts';
import { beginCall, endCall, isRecording } from './recorder.ts';

/** Of each function: enough to see whether equal calls get equal answers. */
const HASHED_CALLS = 500;
const hashed = new Map<string, number>();

/** One of them may call another: the outermost is the one that the program called. */
let isInside = false;

export function traceSync(name: string): (original: Callable) => Callable {
  return (original) =>
    function (this: unknown, ...args) {
      if (isInside || isOwnWork() || !isRecording()) return original.apply(this, args);
      const span = beginCall('sync', name);
      isInside = true;
      let result: unknown;
      let hasFailed = true;
      try {
        result = original.apply(this, args);
        hasFailed = false;
        return result;
      } finally {
        isInside = false;
        endCall(span, hasFailed ? { failed: true } : {});
        // After its time was taken; a call that is thrown away (outside of a request, short) needs none of it.
        if (span?.request !== undefined || (span?.to ?? 0) - (span?.from ?? 0) > 1)
          quietly(() => {
            if (span === undefined) return;
            const site = findSite(`sync ${name}`);
            if (site !== undefined) span.site = site;
            const done = hashed.get(name) ?? 0;
            if (done >= HASHED_CALLS) return;
            hashed.set(name, done + 1);
            const input = hashValues(args);
            const output =
              typeof result === 'string' || result instanceof Uint8Array ? hashValues([result]) : undefined;
            if (input !== undefined) span.input = input;
            if (output !== undefined) span.output = output;
            if (typeof result === 'string' || result instanceof Uint8Array) span.bytes = result.length;
          });
      }
    };
}

/** Child processes, derivation of keys, compression and waiting on shared memory: each holds the thread for all of its time. */
export function traceSyncCalls(): void {
  for (const name of ['execSync', 'execFileSync', 'spawnSync'])
    patchMethod(childProcess, name, traceSync(`child_process.${name}`));
  // Not createHash and its kind: too short and too many.
  for (const name of [
    'pbkdf2Sync',
    'scryptSync',
    'hkdfSync',
    'generateKeyPairSync',
    'generateKeySync',
    'generatePrimeSync',
    'checkPrimeSync',
    'argon2Sync',
  ])
    patchMethod(crypto, name, traceSync(`crypto.${name}`));
  for (const name of Object.keys(zlib).filter((key) => key.endsWith('Sync')))
    patchMethod(zlib, name, traceSync(`zlib.${name}`));
  patchMethod(Atomics, 'wait', traceSync('Atomics.wait'));
}
