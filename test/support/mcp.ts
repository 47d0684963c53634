import { Client as ClientOfV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportOfV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Client as ClientOfV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as TransportOfV2 } from '@modelcontextprotocol/client/stdio';
import { SERVER_FILE } from './built-package.ts';

export interface ServerOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Run it as this user and group; only the raw server can, and only when root asks. */
  readonly user?: number | undefined;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ProgressReport {
  readonly progress: number;
  readonly message?: string | undefined;
}

export type Arguments = Readonly<Record<string, unknown>>;
export type OnProgress = (report: ProgressReport) => void;

export interface TestClient {
  readonly pid: number | undefined;
  /** What the client itself could not make sense of. */
  readonly faults: readonly Error[];
  /** Of a tool; from the list that the server gave. */
  outputSchema(tool: string): Promise<Record<string, unknown>>;
  /** One request. With `onProgress` the request carries a progress token. */
  request(name: string, args?: Arguments, onProgress?: OnProgress): Promise<ToolAnswer>;
  /** As an agent would: polls get_run as long as the answer is "running". */
  call(name: string, args?: Arguments, onProgress?: OnProgress): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export interface TestClientOfV1 extends TestClient {
  readonly sdk: ClientOfV1;
}

const INFO = { name: 'deep-optimize-tests', version: '1' };

/** Longer than any answer may take: the server answers within 50 s. */
const TIMEOUT_MS = 58_000;

/** The built server behind the client of the SDK's first major version, which most programs have. */
export async function startClientOfV1(options: ServerOptions): Promise<TestClientOfV1> {
  const sdk = new ClientOfV1(INFO);
  const transport = new TransportOfV1(parameters(options));
  const faults: Error[] = [];
  sdk.onerror = (error) => note(faults, error);
  await sdk.connect(transport);
  const list = async () => (await sdk.listTools()).tools;
  // Both majors check structured content against the published output schemas, once the tools were listed.
  await list();
  const client = complete({
    pid: transport.pid ?? undefined,
    faults,
    list,
    send: async (name, args, onProgress) =>
      sdk.callTool({ name, arguments: { ...args } }, undefined, {
        timeout: TIMEOUT_MS,
        ...(onProgress === undefined ? {} : { onprogress: onProgress }),
      }),
    close: () => sdk.close(),
  });
  return { ...client, sdk };
}

/** The same behind the client package of the second major version. */
export async function startClientOfV2(options: ServerOptions): Promise<TestClient> {
  const sdk = new ClientOfV2(INFO);
  const transport = new TransportOfV2(parameters(options));
  const faults: Error[] = [];
  sdk.onerror = (error) => note(faults, error);
  await sdk.connect(transport);
  const list = async () => (await sdk.listTools()).tools;
  await list();
  return complete({
    pid: transport.pid ?? undefined,
    faults,
    list,
    send: async (name, args, onProgress) =>
      sdk.callTool(
        { name, arguments: { ...args } },
        { timeout: TIMEOUT_MS, ...(onProgress === undefined ? {} : { onprogress: onProgress }) },
      ),
    close: () => sdk.close(),
  });
}

/**
 * A last progress notification that arrives together with the answer is handled after it by both clients, and then they no
 * longer know its token. That is theirs, not ours.
 */
function note(faults: Error[], error: Error): void {
  if (!/unknown token/i.test(error.message)) faults.push(error);
}

export interface Connection extends Pick<TestClient, 'pid' | 'faults' | 'close'> {
  list(): Promise<readonly { readonly name: string; readonly outputSchema?: object | undefined }[]>;
  /** What a server answers is looked at as the foreign data that it is. */
  send(name: string, args: Arguments, onProgress: OnProgress | undefined): Promise<unknown>;
}

export function complete(connection: Connection): TestClient {
  const { pid, faults } = connection;
  const request: TestClient['request'] = async (name, args = {}, onProgress) =>
    toAnswer(await connection.send(name, args, onProgress));
  return {
    pid,
    faults,
    close: () => connection.close(),
    outputSchema: async (name) => ({
      ...(await connection.list()).find((tool) => tool.name === name)?.outputSchema,
    }),
    request,
    call: async (name, args, onProgress) => {
      let answer = await request(name, args, onProgress);
      while (answer.data['status'] === 'running') {
        // Nothing but what the answer itself says to call next.
        const [next] = answer.data['next_steps'] as readonly { tool: string; arguments: Arguments }[];
        if (next === undefined) throw new Error(`${name} is running and does not say how to wait for it`);
        answer = await request(next.tool, next.arguments, onProgress);
      }
      return answer;
    },
  };
}

/** The parts of a tool's answer that the tests look at. */
export function toAnswer(result: unknown): ToolAnswer {
  const { isError, content, structuredContent } = result as {
    readonly isError?: boolean;
    readonly content: readonly { readonly type: string; readonly text?: string }[];
    readonly structuredContent?: Record<string, unknown>;
  };
  return {
    isError: isError === true,
    text: content.map((part) => part.text ?? '').join('\n'),
    data: structuredContent ?? {},
  };
}

function parameters({ cwd, env, args = [] }: ServerOptions) {
  return {
    command: process.execPath,
    args: [SERVER_FILE, ...args],
    cwd,
    env: { ...env },
    stderr: 'ignore' as const,
  };
}
