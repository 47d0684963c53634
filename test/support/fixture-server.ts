import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface FixtureServer {
  readonly origin: string;
  readonly stop: () => Promise<void>;
}

/** Starts one of test/fixtures/servers in a process of its own and waits for the port that it prints. */
export async function startFixtureServer(
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<FixtureServer> {
  const file = join(import.meta.dirname, '..', 'fixtures', 'servers', `${name}.mjs`);
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('close', () => reject(new Error(`${name} ended before it listened`)));
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
