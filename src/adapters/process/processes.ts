import { randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type {
  CommandResult,
  ManagedProcess,
  Processes,
  ProcessExit,
  ProcessSpec,
  RunLimits,
} from '../../core/ports/processes.ts';
import { RUN_VARIABLE, TREE_VARIABLE } from './environment-mark.ts';
import { hasProgram } from './find-program.ts';
import { createLineSplitter } from './line-splitter.ts';
import { createLinuxTree } from './linux-tree.ts';
import { createOutputTail } from './output-tail.ts';
import type { Pinning } from './pinning.ts';
import { createPinning } from './pinning.ts';
import { createPortableTree } from './portable-tree.ts';
import { reapLeftovers } from './reap-leftovers.ts';
import type { Tree } from './tree.ts';

const DEFAULT_KEEP_BYTES = 64 * 1024;
const DEFAULT_GRACE_MS = 300;
/** After a process ended, its last output is waited for this long; a daemon that inherited the pipe may hold it for ever. */
const DRAIN_MS = 200;

const NOTHING = { cpuUs: 0, rssBytes: 0, pids: [] } as const;

function planCommand(spec: ProcessSpec, pinning: Pinning): readonly string[] {
  const program = spec.command[0];
  // A program that isn't there must fail as itself, and not as a message of taskset.
  if (spec.cpus === undefined || program === undefined || !hasProgram(program, spec.cwd, spec.env)) {
    return spec.command;
  }
  return pinning.pin(spec.command, spec.cpus);
}

/** A process that could not be started at all. */
function describeFailedStart(exited: Promise<ProcessExit>): ManagedProcess {
  return {
    pid: undefined,
    exited,
    output: () => ({ stdout: '', stderr: '' }),
    usage: () => Promise.resolve(NOTHING),
    descendants: () => Promise.resolve(NOTHING),
    kill: () => Promise.resolve(),
  };
}

/** The trees that may still be alive. What is left when this process ends in an orderly way is killed then. */
function createRegistry() {
  const trees = new Map<Tree, ManagedProcess>();
  const onExit = (): void => {
    for (const tree of trees.keys()) tree.killNow();
  };
  return {
    add(tree: Tree, managed: ManagedProcess): void {
      if (trees.size === 0) process.on('exit', onExit);
      trees.set(tree, managed);
    },
    remove(tree: Tree): void {
      if (trees.delete(tree) && trees.size === 0) process.off('exit', onExit);
    },
    all: (): readonly ManagedProcess[] => [...trees.values()],
  };
}

/** Programs in process groups of their own, pinned where the platform can, and gone as whole trees when asked. */
export function createProcesses(): Processes {
  const pinning = createPinning();
  const registry = createRegistry();

  function spawn(spec: ProcessSpec): ManagedProcess {
    const treeMark = spec.env[RUN_VARIABLE] === undefined ? undefined : randomBytes(6).toString('hex');
    const [program = '', ...args] = planCommand(spec, pinning);
    const subprocess = execa(program, args, {
      cwd: spec.cwd,
      env: treeMark === undefined ? spec.env : { ...spec.env, [TREE_VARIABLE]: treeMark },
      extendEnv: false,
      detached: true,
      buffer: false,
      encoding: 'buffer',
      reject: false,
      ...(typeof spec.input === 'string' ? { input: spec.input } : {}),
    });
    const { pid } = subprocess;
    if (pid === undefined) {
      return describeFailedStart(
        subprocess.then((result) => ({
          code: null,
          signal: null,
          startError: result.originalMessage ?? result.shortMessage ?? 'the program could not be started',
        })),
      );
    }
    if (typeof spec.input === 'object') {
      // A child that has ended reads no more; its end is told by `exited`.
      pipeline(spec.input, subprocess.stdin).catch(() => undefined);
    }
    const tree = process.platform === 'linux' ? createLinuxTree(pid, treeMark) : createPortableTree(pid);

    const keepBytes = spec.keepBytes ?? DEFAULT_KEEP_BYTES;
    const streams = (['stdout', 'stderr'] as const).map((name) => {
      const tail = createOutputTail(keepBytes);
      const { onLine } = spec;
      const lines = onLine === undefined ? undefined : createLineSplitter((line) => onLine(line, name));
      subprocess[name].on('data', (chunk: Buffer) => {
        tail.push(chunk);
        lines?.push(chunk);
      });
      return { tail, endLines: () => lines?.end(), destroy: () => subprocess[name].destroy() };
    });

    const exited = new Promise<ProcessExit>((resolve) => {
      subprocess.once('exit', (code, signal) => {
        const drained = new Promise((done) => subprocess.once('close', done));
        void Promise.race([drained, sleep(DRAIN_MS)]).then(() => {
          for (const stream of streams) stream.endLines();
          if (tree.isEmpty()) registry.remove(tree);
          resolve({ code, signal });
        });
      });
    });

    let killing: Promise<void> | undefined;
    async function killTree(graceMs: number): Promise<void> {
      await tree.kill(graceMs);
      await exited;
      for (const stream of streams) stream.destroy();
      registry.remove(tree);
    }
    const managed: ManagedProcess = {
      pid,
      exited,
      output: () => ({ stdout: streams[0]?.tail.text() ?? '', stderr: streams[1]?.tail.text() ?? '' }),
      usage: () => tree.usage(),
      descendants: () => tree.descendants(),
      kill: (graceMs = DEFAULT_GRACE_MS) => (killing ??= killTree(graceMs)),
    };
    registry.add(tree, managed);
    return managed;
  }

  async function run(spec: ProcessSpec, limits: RunLimits): Promise<CommandResult> {
    limits.signal?.throwIfAborted();
    return finish(spawn(spec), limits);
  }

  async function finish(child: ManagedProcess, limits: RunLimits): Promise<CommandResult> {
    const startedAt = performance.now();
    const timer = new AbortController();
    let onAbort = (): void => undefined;
    const aborted = new Promise<'aborted'>((resolve) => {
      onAbort = () => resolve('aborted');
      if (limits.signal?.aborted === true) onAbort();
      limits.signal?.addEventListener('abort', onAbort, { once: true });
    });
    const timedOut = sleep(limits.timeoutMs, 'timeout' as const, { signal: timer.signal }).catch(
      () => 'timeout' as const,
    );
    const outcome = await Promise.race([child.exited, timedOut, aborted]);
    const durationMs = performance.now() - startedAt;
    timer.abort();
    limits.signal?.removeEventListener('abort', onAbort);
    // After an orderly end too: what a command leaves in the background would disturb every measurement after it.
    await child.kill();
    if (outcome === 'aborted') throw limits.signal?.reason;
    return { ...(await child.exited), ...child.output(), timedOut: outcome === 'timeout', durationMs };
  }

  return {
    canPin: pinning.canPin,
    spawn,
    run,
    finish,
    reap: reapLeftovers,
    async killAll() {
      await Promise.all(registry.all().map((managed) => managed.kill()));
    },
  };
}
