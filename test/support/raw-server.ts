import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SERVER_FILE } from './built-package.ts';
import { toAnswer, type Arguments, type ServerOptions, type ToolAnswer } from './mcp.ts';

export interface RawServer {
  readonly pid: number | undefined;
  /** Every line that the server has written to stdout. */
  readonly lines: readonly string[];
  /** Resolves with the exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  stderr(): string;
  /** Writes a line as it is. */
  write(line: string): void;
  /** Resolves with the whole response: `{ result }` or `{ error }`. */
  request(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
  call(name: string, args?: Arguments): Promise<ToolAnswer>;
  endInput(): void;
  /** Reads no more: a client that is about to die, or that died and left its end of stdin to a child. */
  stopReading(): void;
  signal(name: NodeJS.Signals): void;
  /** Ends the server, however it stands. */
  stop(): Promise<void>;
}

/** The built server without a client library between: raw lines, signals, and an end of input at any moment. */
export async function startRawServer({ cwd, env, args = [], user }: ServerOptions): Promise<RawServer> {
  const child = spawn(process.execPath, [SERVER_FILE, ...args], {
    cwd,
    env,
    stdio: 'pipe',
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const lines: string[] = [];
  const waiting = new Map<number, (response: Readonly<Record<string, unknown>>) => void>();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined); // a server that has gone cannot be written to
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    const message = parse(line);
    if (typeof message['id'] === 'number') waiting.get(message['id'])?.(message);
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });

  let lastId = 0;
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request: RawServer['request'] = async (method, params = {}) => {
    const id = ++lastId;
    const answered = new Promise<Readonly<Record<string, unknown>>>((resolve) => waiting.set(id, resolve));
    send({ id, method, params });
    return await Promise.race([
      answered,
      ended.then((how) => {
        throw new Error(`The server ended (${how ?? 'unknown'}) before it answered ${method}: ${stderr}`);
      }),
    ]);
  };
  await request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  });
  send({ method: 'notifications/initialized' });
  return {
    pid: child.pid,
    lines,
    ended,
    stderr: () => stderr,
    write: (line) => child.stdin.write(`${line}\n`),
    request,
    call: async (name, toolArguments = {}) => {
      const { result } = await request('tools/call', { name, arguments: toolArguments });
      return toAnswer(result);
    },
    endInput: () => child.stdin.end(),
    stopReading: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    signal: (name) => child.kill(name),
    stop: async () => {
      child.stdin.end();
      const killing = setTimeout(() => child.kill('SIGKILL'), 3000);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      clearTimeout(killing);
    },
  };
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {}; // a test looks at the lines themselves
  }
}
