import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EndlessPlan } from './child-protocol.ts';
import { FunctionFailure } from './function-failure.ts';
import { prepareCalls } from './prepare-calls.ts';

/** Between two turns of the event loop, in which the probe hears its commands. */
const SLICE_MS = 10;
const PARENT_CHECK_MS = 200;

/** Calls until the process is ended from outside, or until its server is gone. */
export async function callUntilEnded(plan: EndlessPlan): Promise<never> {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, PARENT_CHECK_MS).unref();
  try {
    const { loop } = await prepareCalls(plan);
    await listen();
    for (;;) {
      const endsAt = performance.now() + SLICE_MS;
      do {
        if (loop.isAsync) await loop.run(loop.inputs);
        else loop.runSync(loop.inputs);
      } while (performance.now() < endsAt);
      await nextTurn();
    }
  } catch (error) {
    if (!(error instanceof FunctionFailure)) throw error;
    process.stderr.write(`\n${error.failure.detail}\n`, () => process.exit(1));
    return await new Promise(() => undefined);
  }
}

/** A target is known to be ready by its port. */
function listen(): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(process.env['PORT']), '127.0.0.1', resolve);
  });
}
