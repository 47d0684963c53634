import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../../core/behaviour/model.ts';
import { calibrate } from './calibrate.ts';
import { callUntilEnded } from './call-until-ended.ts';
import type { ChildMessage, ChildPlan, EndlessPlan } from './child-protocol.ts';
import { ENDLESS_ARGUMENT } from './child-protocol.ts';
import { countAllocation } from './count-allocation.ts';
import { FunctionFailure } from './function-failure.ts';
import type { Input } from './make-inputs.ts';
import { makeInputs } from './make-inputs.ts';
import { observeCalls } from './observe-calls.ts';
import { prepareCalls } from './prepare-calls.ts';
import type { ServerLink } from './server-link.ts';
import { connectToServer } from './server-link.ts';
import { timeCalls } from './time-calls.ts';

/*
 * The harness in a fresh process: loads a module of the checkout that it was started in, calls a function of it, and tells
 * the server through the socket that argv names. stdin, stdout and stderr belong to the module.
 */

/** Making the inputs a second time is done only when the first took less than this, in ms. */
const SLOW_INPUTS_MS = 100;

async function work(plan: ChildPlan, link: ServerLink): Promise<ChildMessage> {
  if (plan.task === 'observe') {
    const tell = (observation: Observation) => link.tell({ type: 'observed', observation });
    return { type: 'observed all', extent: await observeCalls(plan, tell) };
  }
  const { loop, inputs, importMs, inputsMs } = await prepareCalls(plan);
  // tsx turns it on, and mapping makes each read of a stack slow: not a cost of the function.
  process.setSourceMapsEnabled(false);
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

async function answer(socketPath: string): Promise<void> {
  const link = await connectToServer(socketPath);
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
}

const [, , first = '', second = ''] = process.argv;
// Only our own server starts us, from the same build: the shape of the plan is the type.
if (first === ENDLESS_ARGUMENT) await callUntilEnded(JSON.parse(second) as EndlessPlan);
else await answer(first);
