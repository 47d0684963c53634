import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { calibrate } from './calibrate.ts';
import { startCallLoop } from './call-loop.ts';
import type { ChildMessage, ChildPlan } from './child-protocol.ts';
import { countAllocation } from './count-allocation.ts';
import type { Callable } from './find-export.ts';
import { findExport } from './find-export.ts';
import { describeThrown, FunctionFailure } from './function-failure.ts';
import type { Input } from './make-inputs.ts';
import { makeInputs } from './make-inputs.ts';
import type { ServerLink } from './server-link.ts';
import { connectToServer } from './server-link.ts';
import { timeCalls } from './time-calls.ts';
import { installTypescript } from './typescript-hooks.ts';

/*
 * The harness in a fresh process: loads a module of the checkout that it was started in, calls a function of it, and tells
 * the server through the socket that argv names. stdin, stdout and stderr belong to the module.
 */

/** Making the inputs a second time is done only when the first took less than this, in ms. */
const SLOW_INPUTS_MS = 100;

async function work(plan: ChildPlan, link: ServerLink): Promise<ChildMessage> {
  if (plan.typescript !== null) await installTypescript(plan.typescript);
  const importedAt = performance.now();
  const call = await load(plan);
  const importMs = performance.now() - importedAt;
  const madeAt = performance.now();
  const inputs = await makeInputs(plan);
  const inputsMs = performance.now() - madeAt;
  // tsx turns it on, and mapping makes each read of a stack slow: not a cost of the function.
  process.setSourceMapsEnabled(false);
  const loop = await startCallLoop(call, inputs);
  if (plan.task === 'calibrate') return { type: 'calibrated', result: await calibrate(loop, plan.warmupMs) };

  let rssPeakBytes = 0;
  const timed = await timeCalls(loop, {
    ...plan,
    atEdge: async (edge) => {
      if (edge === 'closes') rssPeakBytes = readRssPeak();
      await link.tell({ type: 'window', edge });
    },
  });
  const allocatedBytesPerCall = await countAllocation(loop);
  const inputsChanged = inputsMs > SLOW_INPUTS_MS ? null : await differ(inputs, plan);
  return {
    type: 'measured',
    result: { ...timed, rssPeakBytes, allocatedBytesPerCall, importMs, inputsChanged },
  };
}

async function load({ module, export: path }: ChildPlan): Promise<Callable> {
  let namespace: object;
  try {
    namespace = (await import(pathToFileURL(resolve(module)).href)) as object;
  } catch (error) {
    throw new FunctionFailure({ stage: 'import', detail: describeThrown(error) });
  }
  return findExport(namespace, path);
}

async function differ(inputs: readonly Input[], plan: ChildPlan): Promise<boolean> {
  return !isDeepStrictEqual(inputs, await makeInputs(plan));
}

/**
 * The kernel's own high-water mark. `resourceUsage().maxRSS` is taken elsewhere only: on Linux it begins with that of the
 * process that we were forked from (measured: 385 MB for a child of 40 MB).
 */
function readRssPeak(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // No /proc here.
  }
  return process.resourceUsage().maxRSS * 1024;
}

const link = await connectToServer(process.argv[2] ?? '');
let outcome: ChildMessage;
try {
  outcome = await work(link.plan, link);
} catch (error) {
  if (!(error instanceof FunctionFailure)) throw error;
  outcome = { type: 'failed', failure: error.failure };
}
await link.tell(outcome);
// The module may have left timers, servers or workers.
process.exit(0);
