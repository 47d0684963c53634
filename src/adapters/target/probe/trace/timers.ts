import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { findSite } from './call-site.ts';
import { currentRequest } from './context.ts';
import type { Callable } from './patch-method.ts';
import { isThenable, patchMethod, quietly, whenSettled } from './patch-method.ts';
import { addSpan, isRecording, now, type OpenSpan } from './recorder.ts';

/** In ms. Shorter ones are a turn of the loop. */
const SHORTEST_WAIT_MS = 0.5;

type Wait = Omit<OpenSpan, 'id'>;

/**
 * What a request waits for on purpose: pauses, polling, a retry's backoff. A timer is known only when it fires: one that
 * is cleared (the limit of a query) held nobody up. Intervals are not watched.
 */
export function traceTimers(): void {
  for (const owner of [globalThis, timers]) patchMethod(owner, 'setTimeout', traceTimeout);
  patchMethod(timersPromises, 'setTimeout', traceSleep);
  patchMethod(timersPromises.scheduler, 'wait', traceSleep);
}

function traceTimeout(original: Callable): Callable {
  return function (this: unknown, ...args) {
    const [callback, delay] = args;
    const wait = typeof callback === 'function' ? quietly(() => begin(delay)) : undefined;
    if (wait === undefined) return original.apply(this, args);
    args[0] = function (this: unknown, ...given: unknown[]): unknown {
      quietly(() => end(wait));
      return (callback as Callable).apply(this, given);
    };
    return original.apply(this, args);
  };
}

function traceSleep(original: Callable): Callable {
  return function (this: unknown, ...args) {
    const wait = quietly(() => begin(args[0]));
    const answer = original.apply(this, args);
    if (wait === undefined || !isThenable(answer)) return answer;
    return whenSettled(answer, (error) => {
      if (error === undefined) end(wait);
    });
  };
}

function begin(delay: unknown): Wait | undefined {
  const request = currentRequest();
  if (request === undefined || !isRecording()) return undefined;
  const name = `setTimeout ${Number(delay) || 0} ms`;
  const site = findSite(`timer ${name}`, { whose: 'or-package' });
  return {
    kind: 'timer',
    name,
    from: now(),
    request: request.request,
    parent: request.span,
    ...(site === undefined ? {} : { site }),
  };
}

function end(wait: Wait): void {
  const to = now();
  if (to - wait.from >= SHORTEST_WAIT_MS) addSpan({ ...wait, to });
  // It may be set again by refresh().
  wait.from = to;
}
