import crypto from 'node:crypto';
import dns from 'node:dns';
import zlib from 'node:zlib';
import { findSite } from './call-site.ts';
import { currentRequest } from './context.ts';
import type { Callable } from './patch-method.ts';
import { isThenable, patchMethod, quietly, whenSettled } from './patch-method.ts';
import { beginCall, endCall, isRecording, type OpenSpan } from './recorder.ts';

type Kind = 'file' | 'task' | 'dns';
type Naming = string | ((args: readonly unknown[]) => string);

function begin(kind: Kind, naming: Naming, args: readonly unknown[]): OpenSpan | undefined {
  const name = typeof naming === 'string' ? naming : naming(args);
  const span = beginCall(kind, name);
  if (span !== undefined && currentRequest() !== undefined) {
    const site = findSite(`${kind} ${name}`);
    if (site !== undefined) span.site = site;
  }
  return span;
}

/** One that answers through its last argument. */
export function traceCallback(kind: Kind, naming: Naming): (original: Callable) => Callable {
  return (original) =>
    function (this: unknown, ...args) {
      const at = args.length - 1;
      const callback = args[at];
      if (typeof callback !== 'function' || !isRecording()) return original.apply(this, args);
      const span = quietly(() => begin(kind, naming, args));
      if (span === undefined) return original.apply(this, args);
      args[at] = function (this: unknown, ...answer: unknown[]): unknown {
        quietly(() => endCall(span, answer[0] instanceof Error ? { failed: true } : {}));
        return (callback as Callable).apply(this, answer);
      };
      return original.apply(this, args);
    };
}

export function tracePromise(kind: Kind, naming: Naming): (original: Callable) => Callable {
  return (original) =>
    function (this: unknown, ...args) {
      if (!isRecording()) return original.apply(this, args);
      const span = quietly(() => begin(kind, naming, args));
      const answer = original.apply(this, args);
      if (span === undefined || !isThenable(answer)) return answer;
      return whenSettled(answer, (error) => endCall(span, error === undefined ? {} : { failed: true }));
    };
}

/** What else runs in the four threads of libuv. */
export function traceThreadPool(): void {
  for (const name of [
    'pbkdf2',
    'scrypt',
    'hkdf',
    'generateKeyPair',
    'generateKey',
    'generatePrime',
    'checkPrime',
    'randomFill',
    'randomBytes',
    'argon2',
  ])
    patchMethod(crypto, name, traceCallback('task', `crypto.${name}`));
  for (const name of Object.keys(zlib).filter((key) => `${key}Sync` in zlib))
    patchMethod(zlib, name, traceCallback('task', `zlib.${name}`));
}

export function traceDns(): void {
  const name = (args: readonly unknown[]): string => `dns.lookup ${String(args[0])}`;
  patchMethod(dns, 'lookup', traceCallback('dns', name));
  patchMethod(dns.promises, 'lookup', tracePromise('dns', name));
}
