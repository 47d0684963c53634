import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
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
import type { Answer, Command, Hello } from './protocol.ts';
import { parseMessage } from './parse-message.ts';

/** A thread that is busy answers late; one that hangs must not hold up the others' answers for ever. */
const REPLY_LIMIT_MS = 10_000;
/** Stopping a profile maps every frame through the source maps, stopping a trace writes up to 200,000 spans. */
const FILE_REPLY_LIMIT_MS = 30_000;
/** Lines of a probe are short, since profiles go through files. More is not a probe speaking. */
const LONGEST_LINE = 65_536;

export interface ProbeServer {
  /** Value for the environment variable that tells a probe where to say hello. */
  readonly socketPath: string;
  hellos(): readonly Hello[];
  /** Resolves with true at the first hello, with false when none came in time. */
  waitForHello(limitMs: number): Promise<boolean>;
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

interface Probe {
  readonly hello: Hello;
  /** Undefined when the probe failed, went away or took too long. */
  ask(command: Command, limitMs: number): Promise<Answer | undefined>;
}

/** Speaks with one connection; `onHello` gets the probe when it has said who it is, `onEnd` when it is gone. */
function createConversation(
  socket: Socket,
  onHello: (probe: Probe) => void,
  onEnd: (probe: Probe) => void,
): void {
  const waiting = new Map<number, (answer: Answer | undefined) => void>();
  let probe: Probe | undefined;
  let lastId = 0;
  let rest = '';

  const settle = (id: number, answer: Answer | undefined): void => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  };
  const ask: Probe['ask'] = async (command, limitMs) => {
    const id = ++lastId;
    const timer = new AbortController();
    const answered = new Promise<Answer | undefined>((resolve) => waiting.set(id, resolve));
    socket.write(`${JSON.stringify({ ...command, id })}\n`);
    const late = sleep(limitMs, undefined, { signal: timer.signal }).catch(() => undefined);
    const answer = await Promise.race([answered, late]);
    timer.abort();
    waiting.delete(id);
    return answer;
  };
  const accept = (line: string): void => {
    const message = parseMessage(line);
    if (message?.type === 'reply') settle(message.id, message.answer);
    else if (message?.type === 'hello' && probe === undefined) {
      probe = { hello: message, ask };
      onHello(probe);
    }
  };
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(accept);
    if (rest.length > LONGEST_LINE) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const id of [...waiting.keys()]) settle(id, undefined);
    if (probe !== undefined) onEnd(probe);
  });
}

/**
 * Where the probes of one target say hello. A thread that comes while a window, a profile or a trace is open joins it, so that
 * the workers of a cluster or of a pool are seen whenever they start.
 */
export async function createProbeServer(): Promise<ProbeServer> {
  // Short, because macOS allows 104 bytes for the whole path; mkdtemp makes it readable for this user only.
  const directory = await mkdtemp(join(tmpdir(), 'do-'));
  const socketPath =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\${directory.replace(/[^a-zA-Z0-9]/g, '-')}`
      : join(directory, 's');
  const sockets = new Set<Socket>();
  const probes = new Set<Probe>();
  const greeters = new Set<() => void>();
  let current: Command | undefined;

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    createConversation(
      socket,
      (probe) => {
        probes.add(probe);
        if (current !== undefined) void probe.ask(current, REPLY_LIMIT_MS);
        for (const greet of greeters) greet();
      },
      (probe) => probes.delete(probe),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });

  const all = <T>(ask: (probe: Probe) => Promise<T>): Promise<T[]> => Promise.all([...probes].map(ask));
  const start = async (command: Command): Promise<void> => {
    current = command;
    await all((probe) => probe.ask(command, REPLY_LIMIT_MS));
  };
  /** Through files beside the socket: megabytes would hold up the target's event loop as a message. */
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
  return {
    socketPath,
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
    openWindow: () => start({ type: 'openWindow' }),
    async closeWindow() {
      current = undefined;
      const seen = await all(async (probe) => {
        const answer = await probe.ask({ type: 'closeWindow' }, REPLY_LIMIT_MS);
        const { pid, threadId } = probe.hello;
        return isObject(answer) && 'durationMs' in answer ? [{ ...answer, pid, threadId }] : [];
      });
      return seen.flat();
    },
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
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
