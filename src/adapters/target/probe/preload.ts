import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, threadId } from 'node:worker_threads';
import type { RunningProfile } from './cpu-profile.ts';
import { profileUntilExit, startCpuProfile } from './cpu-profile.ts';
import { readHeapAfterGc, startHeapSampling } from './heap.ts';
import type { RunningSampling } from './heap.ts';
import { countInboundRequests, countOperations } from './operation-counts.ts';
import type { Answer, Hello, NumberedCommand, Reply, Spoken } from './protocol.ts';
import { ADDRESS_VARIABLE, DIRECTORY_VARIABLE, LOOPBACK, MODE_VARIABLE } from './protocol.ts';
import type { OpenWindow } from './runtime-window.ts';
import { openRuntimeWindow } from './runtime-window.ts';
import type * as Tracer from './trace/index.ts';

/*
 * Loaded with `--require` into every thread of every Node.js process of the target, before its own code. It is a guest:
 * it prints nothing, throws nothing, keeps nothing alive, and does nothing until it is told to.
 */

const ALREADY_LOADED = Symbol.for('deep-optimize.probe');
/** Of an argument vector, for the hello: some programs are started with a whole script in an argument. */
const LONGEST_ARGUMENT = 200;
const MOST_ARGUMENTS = 10;

/** Between samples of a whole run: short programs run several times, and 1 ms gives thousands of samples over those. */
const WHOLE_RUN_INTERVAL_US = 1000;

interface Settings {
  readonly port: number;
  readonly token: string;
  readonly mode: string;
}

function readSettings(): Settings | undefined {
  const [port = '', token = ''] = (process.env[ADDRESS_VARIABLE] ?? '').split(':');
  if (port === '') return undefined;
  return { port: Number(port), token, mode: process.env[MODE_VARIABLE] ?? 'telemetry' };
}

function profileWholeRun(directory: string): void {
  prepareRuntime(process.env[MODE_VARIABLE] ?? 'profile');
  profileUntilExit(join(directory, `${process.pid}-${threadId}.cpuprofile`), WHOLE_RUN_INTERVAL_US);
}

function prepareRuntime(mode: string): void {
  // Before the first module with a source map is loaded.
  if (mode !== 'telemetry') process.setSourceMapsEnabled(true);
  // V8's flags belong to the whole process.
  if (mode !== 'attribution' || !isMainThread) return;
  setFlagsFromString('--no-turbo-inlining');
  // V8 prints a complaint about a flag that it doesn't know, and Maglev is in Node.js 20 and later, on these alone.
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= 20 && (process.arch === 'x64' || process.arch === 'arm64')) {
    setFlagsFromString('--no-maglev-inlining');
  }
}

/** Bundled, and not even evaluated in the other modes: a program that is timed must not load what it patches. */
function loadTracer(): typeof Tracer {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be hoisted, import() comes too late
  return require('./trace/index.ts') as typeof Tracer;
}

function createCommands(tracer: typeof Tracer | undefined): (command: NumberedCommand) => Promise<Answer> {
  // A promise, since a window may be closed while it is still being opened.
  let window: Promise<OpenWindow> | undefined;
  let profile: RunningProfile | undefined;
  let sampling: RunningSampling | undefined;
  return async (command) => {
    switch (command.type) {
      case 'openWindow':
        window ??= openRuntimeWindow();
        await window;
        return null;
      case 'closeWindow': {
        // Before it waits: a thread that was held up finds the next command to open one behind this.
        const opening = window;
        window = undefined;
        const opened = await opening;
        return opened?.close() ?? null;
      }
      case 'startProfile':
        profile ??= await startCpuProfile(command.intervalUs);
        return null;
      case 'stopProfile': {
        const running = profile;
        profile = undefined;
        return running === undefined ? false : running.stop(command.file);
      }
      case 'startHeapSampling':
        sampling ??= await startHeapSampling(command);
        return null;
      case 'stopHeapSampling': {
        const running = sampling;
        sampling = undefined;
        return running === undefined ? false : running.stop(command.file);
      }
      case 'heapAfterGc':
        return readHeapAfterGc();
      case 'startTrace':
        tracer?.startRecording();
        return null;
      case 'stopTrace':
        return tracer?.stopRecording(command.file) ?? false;
    }
  };
}

function talk({ port, token }: Settings, tracer: typeof Tracer | undefined): void {
  const socket = createSocket('udp4');
  socket.unref();
  // No server any more: the program goes on alone.
  socket.on('error', () => undefined);
  // Nobody from outside; and the primary of a cluster would hand out one port for all of its workers.
  socket.bind({ port: 0, address: LOOPBACK, exclusive: true });
  const send = (message: Hello | Reply, to: number): void => {
    const spoken: Spoken<Hello | Reply> = { ...message, token };
    socket.send(JSON.stringify(spoken), to, LOOPBACK);
  };
  const execute = createCommands(tracer);
  socket.on('message', (datagram, { port: from }) => {
    try {
      const { token: said, ...command } = JSON.parse(datagram.toString()) as Spoken<NumberedCommand>;
      if (said !== token) return;
      execute(command).then(
        (answer) => send({ type: 'reply', id: command.id, answer }, from),
        (error: unknown) => send({ type: 'reply', id: command.id, error: String(error) }, from),
      );
    } catch {
      // A sign of life that was asked for, or not our server.
    }
  });
  send(
    {
      type: 'hello',
      pid: process.pid,
      threadId,
      argv: process.argv.slice(0, MOST_ARGUMENTS).map((argument) => argument.slice(0, LONGEST_ARGUMENT)),
      nodeVersion: process.versions.node,
    },
    port,
  );
}

function deepOptimizeProbe(): void {
  try {
    if (Reflect.has(globalThis, ALREADY_LOADED)) return;
    Object.defineProperty(globalThis, ALREADY_LOADED, { value: true });
    const directory = process.env[DIRECTORY_VARIABLE];
    if (directory !== undefined && directory !== '') {
      profileWholeRun(directory);
      return;
    }
    const settings = readSettings();
    if (settings === undefined) return;
    prepareRuntime(settings.mode);
    // The tracer sees what is counted, and both would patch the same methods.
    const tracer = settings.mode === 'trace' ? loadTracer() : undefined;
    if (tracer === undefined) {
      countOperations();
      // What a heap keeps is told per request from the start on.
      if (settings.mode !== 'telemetry') countInboundRequests();
    } else tracer.prepareTracing();
    talk(settings, tracer);
  } catch {
    // A program must run as if the probe weren't there.
  }
}

deepOptimizeProbe();
