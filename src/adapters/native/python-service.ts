import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeRecordingRequest } from '../../core/ports/native-profiler.ts';
import { placeInPython, type PythonGuest } from './python-guest.ts';
import { joinStacks, type ServiceStacks } from './python-stacks.ts';

/** A service of Python with a sampler of ours in each of its processes, which waits until it is asked. */
export interface PythonService extends Pick<PythonGuest, 'env' | 'close'> {
  /** Null where no process of Python answers. */
  record(request: NativeRecordingRequest): Promise<ServiceStacks | null>;
}

export async function waitInService(
  samplersDirectory: string,
  env: Readonly<Record<string, string>>,
): Promise<PythonService> {
  const guest = await placeInPython(samplersDirectory, 'sample-service.py', env);
  return {
    env: guest.env,
    record: (request) => recordInService(guest.directory, request),
    close: guest.close,
  };
}

const LOOK_EVERY_MS = 50;
/** The main thread of Python hears a signal between two bytecodes. */
const BEGIN_LIMIT_MS = 2000;
/** After the window, for a last look and the file. */
const END_GRACE_MS = 10_000;

async function recordInService(
  directory: string,
  { pids, durationMs, signal }: NativeRecordingRequest,
): Promise<ServiceStacks | null> {
  const waiting = await statesIn(directory);
  await writeFile(join(directory, 'window'), String(durationMs / 1000));
  const asked = pids.filter((pid) => waiting.get(pid) === 'ready' && send(pid, 'SIGURG'));
  const begun = await waitUntil(directory, BEGIN_LIMIT_MS, signal, (states) =>
    asked.every((pid) => states.get(pid) !== 'ready' || !isAlive(pid)),
  );
  const sampled = asked.filter((pid) => begun.get(pid) !== 'ready');
  if (sampled.length === 0) return null;
  const ended = await waitUntil(directory, durationMs + END_GRACE_MS, signal, (states) =>
    sampled.every((pid) => states.get(pid) === 'stacks' || !isAlive(pid)),
  );
  const files = sampled.map(async (pid) =>
    ended.get(pid) === 'stacks' ? await readFile(join(directory, `${pid}.stacks`), 'utf8') : NOT_ENDED,
  );
  return joinStacks(await Promise.all(files));
}

/** As sample-service.py would say it. */
const NOT_ENDED = 'failed to-end';

type States = ReadonlyMap<number, string>;

/** Of the processes in which a sampler is, by the one file that each of them has. */
async function statesIn(directory: string): Promise<States> {
  return new Map(
    (await readdir(directory)).flatMap((file) => {
      const [, pid, state] = /^(\d+)\.(ready|sampling|stacks)$/.exec(file) ?? [];
      return pid === undefined || state === undefined ? [] : [[Number(pid), state] as const];
    }),
  );
}

/** The states when the condition held, or at the limit. */
async function waitUntil(
  directory: string,
  limitMs: number,
  signal: AbortSignal,
  holds: (states: States) => boolean,
): Promise<States> {
  const end = performance.now() + limitMs;
  for (;;) {
    const states = await statesIn(directory);
    if (holds(states) || performance.now() >= end) return states;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function isAlive(pid: number): boolean {
  return send(pid, 0);
}

/** False where it has ended or belongs to somebody else. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
