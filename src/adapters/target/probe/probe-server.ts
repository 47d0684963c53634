import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  HeapSampling,
  RetainedHeap,
  RuntimeWindow,
  ThreadProfile,
  ThreadTrace,
} from '../../../core/ports/target.ts';
import { temporaryPrefix } from '../../../core/temporary-names.ts';
import { parseMessage } from './parse-message.ts';
import { openConversation } from './probe-conversation.ts';
import type { Probe } from './probe-conversation.ts';
import { LOOPBACK } from './protocol.ts';
import type { Answer, Command, Hello } from './protocol.ts';

/** A thread that is busy answers late; one that hangs must not hold up the others' answers for ever. */
const REPLY_LIMIT_MS = 10_000;
/** Some threads never turn their loop while they have nothing to do (Atomics.wait): they have no code to be thrown away. */
const REHEARSAL_LIMIT_MS = 500;
/** Stopping a profile maps every frame through the source maps, stopping a trace writes up to 200,000 spans. */
const FILE_REPLY_LIMIT_MS = 30_000;
export interface ProbeServer {
  /** Value for the environment variable that tells a probe where to say hello. */
  readonly address: string;
  /** Of the threads that were there when one was last asked, or when the last one came. */
  hellos(): readonly Hello[];
  /** Resolves with true at the first hello, with false when none came in time. */
  waitForHello(limitMs: number): Promise<boolean>;
  /**
   * Opens a window and closes it, before the program has served anything. The first one makes V8 throw away code of Node.js
   * that it has optimized for the program alone (docs/adr/0028-*): at the edge of a real window it costs its first second 7 %.
   */
  rehearse(signal: AbortSignal): Promise<void>;
  openWindow(): Promise<void>;
  closeWindow(): Promise<readonly RuntimeWindow[]>;
  startProfile(intervalUs: number): Promise<void>;
  stopProfile(): Promise<readonly ThreadProfile[]>;
  startTrace(): Promise<void>;
  stopTrace(): Promise<readonly ThreadTrace[]>;
  startHeapSampling(options: HeapSampling): Promise<void>;
  stopHeapSampling(): Promise<readonly ThreadProfile[]>;
  heapAfterGc(): Promise<readonly RetainedHeap[]>;
  close(): Promise<void>;
}

interface ThreadFile {
  readonly pid: number;
  readonly threadId: number;
  readonly content: string;
}

type AnsweredObject = Exclude<Answer, boolean | null>;

function isObject(answer: Answer | undefined): answer is AnsweredObject {
  return typeof answer === 'object' && answer !== null;
}

/**
 * Where the probes of one target say hello. A thread that comes while a window, a profile or a trace is open joins it, so that
 * the workers of a cluster or of a pool are seen whenever they start.
 */
export async function createProbeServer(runId: string): Promise<ProbeServer> {
  // For profiles and traces. mkdtemp makes it readable for this user only.
  const directory = await mkdtemp(join(tmpdir(), temporaryPrefix('probe', runId)));
  const token = randomBytes(16).toString('hex');
  const probes = new Set<Probe>();
  const greeters = new Set<() => void>();
  let current: Command | undefined;
  let isClosed = false;

  const welcome = (probe: Probe): void => {
    if (isClosed) {
      probe.close();
      return;
    }
    // A program may start a thread for each piece of work: those that are gone must not be kept.
    for (const other of probes) other.look();
    probes.add(probe);
    if (current !== undefined) void probe.ask(current, REPLY_LIMIT_MS);
    for (const greet of greeters) greet();
  };
  const server = createSocket('udp4');
  server.on('message', (datagram, { port }) => {
    const message = parseMessage(datagram.toString(), token);
    if (message?.type !== 'hello') return;
    void openConversation(message, { port, token }, (probe) => probes.delete(probe)).then(welcome);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.bind({ port: 0, address: LOOPBACK, exclusive: true }, resolve);
  });
  const { port } = server.address();

  const all = <T>(ask: (probe: Probe) => Promise<T>): Promise<T[]> => Promise.all([...probes].map(ask));
  const start = async (command: Command, limitMs = REPLY_LIMIT_MS): Promise<void> => {
    current = command;
    await all((probe) => probe.ask(command, limitMs));
  };
  /** Through files: megabytes are no message. */
  const collectFiles = async (
    type: 'stopProfile' | 'stopTrace' | 'stopHeapSampling',
    extension: string,
  ): Promise<readonly ThreadFile[]> => {
    current = undefined;
    const read = await all(async (probe) => {
      const { pid, threadId } = probe.hello;
      const file = join(directory, `${pid}-${threadId}.${extension}`);
      const answer = await probe.ask({ type, file }, FILE_REPLY_LIMIT_MS);
      return answer === true ? [{ pid, threadId, content: await readFile(file, 'utf8') }] : [];
    });
    return read.flat();
  };
  const openWindow = (limitMs?: number): Promise<void> => start({ type: 'openWindow' }, limitMs);
  const closeWindow = async (limitMs = REPLY_LIMIT_MS): Promise<readonly RuntimeWindow[]> => {
    current = undefined;
    const seen = await all(async (probe) => {
      const answer = await probe.ask({ type: 'closeWindow' }, limitMs);
      const { pid, threadId } = probe.hello;
      return isObject(answer) && 'durationMs' in answer ? [{ ...answer, pid, threadId }] : [];
    });
    return seen.flat();
  };
  return {
    address: `${port}:${token}`,
    hellos: () => [...probes].map((probe) => probe.hello),
    async waitForHello(limitMs) {
      if (probes.size > 0) return true;
      const timer = new AbortController();
      const late = sleep(limitMs, false, { signal: timer.signal }).catch(() => false);
      let greet = (): void => undefined;
      const greeted = new Promise<true>((resolve) => {
        greet = () => resolve(true);
        greeters.add(greet);
      });
      const came = await Promise.race([greeted, late]);
      greeters.delete(greet);
      timer.abort();
      return came;
    },
    async rehearse(signal) {
      await openWindow(REHEARSAL_LIMIT_MS);
      signal.throwIfAborted();
      await closeWindow(REHEARSAL_LIMIT_MS);
    },
    openWindow: () => openWindow(),
    closeWindow: () => closeWindow(),
    startProfile: (intervalUs) => start({ type: 'startProfile', intervalUs }),
    stopProfile: () => collectFiles('stopProfile', 'cpuprofile'),
    startTrace: () => start({ type: 'startTrace' }),
    stopTrace: () => collectFiles('stopTrace', 'trace'),
    startHeapSampling: (options) => start({ type: 'startHeapSampling', ...options }),
    stopHeapSampling: () => collectFiles('stopHeapSampling', 'heapprofile'),
    async heapAfterGc() {
      const seen = await all(async (probe) => {
        const answer = await probe.ask({ type: 'heapAfterGc' }, REPLY_LIMIT_MS);
        const { pid, threadId } = probe.hello;
        return isObject(answer) && 'externalBytes' in answer ? [{ ...answer, pid, threadId }] : [];
      });
      return seen.flat();
    },
    async close() {
      isClosed = true;
      for (const probe of probes) probe.close();
      probes.clear();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
