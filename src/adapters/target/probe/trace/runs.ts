import type { AsyncHook } from 'node:async_hooks';
import { createHook } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import type { TracerFile } from '../../../../core/trace/tracer-file.ts';
import type { Store } from './context.ts';
import { currentRequest, openContext } from './context.ts';

type Runs = TracerFile['runs'];

/** Callbacks of one request that follow each other this closely are one run: most are microtasks. */
const SAME_RUN_MS = 0.005;
const MOST_RUNS = 400_000;
/** A stack that grows beyond this lost an end: an exception can unwind callbacks without a word. */
const DEEPEST = 1000;

/**
 * When the thread ran JavaScript for which request. Node.js says when a callback begins and ends; for which request it
 * is, the context says. A callback within another (a request that is handed out by a parser) interrupts it.
 */
let runs: Runs = [];
let hook: AsyncHook | undefined;
let isOn = false;
const stack: { readonly asyncId: number; readonly request: number | undefined }[] = [];
let current: number | undefined;
let since = 0;

function switchTo(request: number | undefined): void {
  if (request === current) return;
  const at = performance.now();
  if (current !== undefined && runs.length < MOST_RUNS) {
    const last = runs.at(-1);
    if (last?.[0] === current && since - last[2] < SAME_RUN_MS) last[2] = at;
    else runs.push([current, since, at]);
  }
  current = request;
  since = at;
}

function enter(asyncId: number, request: number | undefined): void {
  if (stack.length >= DEEPEST) stack.length = 0;
  stack.push({ asyncId, request });
  switchTo(request);
}

function leave(asyncId: number): void {
  while (stack.length > 0) if (stack.pop()?.asyncId === asyncId) break;
  switchTo(stack.at(-1)?.request);
}

/** A number that no resource has: those of Node.js count up from 1. */
let lastOwnId = 0;

/** Runs the program's code in a context, and counts its time for the request of that context. */
export function runCounted<T>(store: Store, work: () => T): T {
  if (!isOn) return openContext().run(store, work);
  const id = --lastOwnId;
  enter(id, store.request?.request);
  try {
    return openContext().run(store, work);
  } finally {
    leave(id);
  }
}

export function startRuns(): void {
  runs = [];
  stack.length = 0;
  current = undefined;
  isOn = true;
  hook ??= createHook({
    before(asyncId) {
      enter(asyncId, currentRequest()?.request);
    },
    after: leave,
  });
  hook.enable();
}

export function takeRuns(): Runs {
  hook?.disable();
  switchTo(undefined);
  isOn = false;
  const taken = runs;
  runs = [];
  return taken;
}
