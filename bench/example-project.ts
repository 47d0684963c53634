import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Answer {
  readonly status: string;
  readonly [field: string]: unknown;
}

export interface ExampleProject {
  readonly directory: string;
  /** Starts the built server in the project and connects a client over stdio. */
  connect(): Promise<Connection>;
  remove(): Promise<void>;
}

export interface Connection {
  /** Calls a tool and waits with get_run until its run has ended. */
  call(name: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** The JSON of a resource. */
  read(uri: string): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * A copy of an example with state of its own: nothing is left, and nobody's history is touched. It finds its packages among
 * ours, unless it brings others.
 */
export async function copyExample(
  name = 'slow-api',
  { ownPackages = false }: { readonly ownPackages?: boolean } = {},
): Promise<ExampleProject> {
  const home = await mkdtemp(join(tmpdir(), 'deep-optimize-bench-'));
  const directory = join(home, name);
  await cp(join(ROOT, 'examples', name), directory, { recursive: true });
  if (!ownPackages) await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'dir');
  return {
    directory,
    connect: () => connect(directory, join(home, 'state')),
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Works on a copy of an example with a client in it, and leaves nothing. */
export async function withExample<Result>(
  name: string,
  options: { readonly ownPackages?: boolean },
  work: (project: ExampleProject, connection: Connection) => Promise<Result>,
): Promise<Result> {
  const project = await copyExample(name, options);
  try {
    const connection = await project.connect();
    try {
      return await work(project, connection);
    } finally {
      await connection.close();
    }
  } finally {
    await project.remove();
  }
}

/** What `define_goals` takes, as the example's goals.json has it. */
export async function readExampleGoals(directory: string): Promise<Record<string, unknown>> {
  const goals = JSON.parse(await readFile(join(directory, 'goals.json'), 'utf8')) as Record<string, unknown>;
  const { $schema: _schema, version: _version, ...records } = goals;
  return records;
}

/** Starts the built server in a directory and connects a client over stdio. */
export async function connect(directory: string, stateHome: string): Promise<Connection> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const client = new Client({ name: 'deep-optimize-bench', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(ROOT, 'dist/main.js')],
      cwd: directory,
      env: { ...Object.fromEntries(inherited), DEEP_OPTIMIZE_HOME: stateHome },
    }),
  );
  const request = async (name: string, args: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const result = await client.callTool({ name, arguments: args });
    if (result.isError === true) throw new Error(`${name} failed: ${JSON.stringify(result.content)}`);
    return result.structuredContent as Answer;
  };
  return {
    call: async (name, args) => {
      let answer = await request(name, args);
      while (answer.status === 'running') answer = await request('get_run', { run_id: answer['run_id'] });
      return answer;
    },
    read: async (uri) => {
      const { contents } = await client.readResource({ uri });
      const [content] = contents;
      return JSON.parse(content !== undefined && 'text' in content ? content.text : 'null') as unknown;
    },
    close: () => client.close(),
  };
}
