import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Readable, Writable } from 'node:stream';

type Server = ChildProcessByStdio<Writable, Readable, null>;

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
}

const INITIALIZE = {
  id: 0,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'deep-optimize-bench', version: '1' },
  },
};

/** How long a server may take for an answer before the bench gives up, in ms. */
const PATIENCE_MS = 30_000;

/** From the spawn of a fresh process to the end of its answer to `initialize`, in ms. */
export async function timeFirstAnswer(file: string): Promise<number> {
  const started = performance.now();
  const server = start(file);
  try {
    send(server, INITIALIZE);
    await answerTo(server, 0);
    return performance.now() - started;
  } finally {
    await end(server);
  }
}

/** Resident memory (VmRSS) of a fresh server that has just listed its tools, in bytes. Linux only. */
export async function measureMemory(file: string): Promise<number> {
  const server = start(file);
  try {
    send(server, INITIALIZE);
    await answerTo(server, 0);
    send(server, { method: 'notifications/initialized' });
    send(server, { id: 1, method: 'tools/list' });
    await answerTo(server, 1);
    const status = await readFile(`/proc/${server.pid ?? 'self'}/status`, 'utf8');
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kib === undefined) throw new Error('/proc does not tell the resident memory.');
    return Number(kib) * 1024;
  } finally {
    await end(server);
  }
}

function start(file: string): Server {
  return spawn(process.execPath, [file], { cwd: tmpdir(), stdio: ['pipe', 'pipe', 'inherit'] });
}

function send(server: Server, message: object): void {
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

async function answerTo(server: Server, id: number): Promise<void> {
  let received = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The server ${why} before its answer ${id}.`));
    const timer = setTimeout(() => fail('was silent'), PATIENCE_MS);
    const onExit = () => fail('ended');
    const onData = (chunk: string) => {
      received += chunk;
      const lines = received.split('\n').slice(0, -1);
      const answer = lines.map((line) => JSON.parse(line) as Answer).find((message) => message.id === id);
      if (answer === undefined) return;
      clearTimeout(timer);
      server.stdout.off('data', onData);
      server.off('exit', onExit);
      if (answer.result === undefined) fail(`answered an error (${received.slice(0, 200)})`);
      else resolve();
    };
    server.once('exit', onExit);
    server.stdout.setEncoding('utf8').on('data', onData);
  });
}

async function end(server: Server): Promise<void> {
  const ended = once(server, 'close');
  server.kill('SIGKILL');
  await ended;
}
