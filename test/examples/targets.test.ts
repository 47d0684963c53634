import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

interface Target {
  readonly url: string;
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly output: { stdout: string; stderr: string };
}

const running: Target[] = [];

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startTarget(name: string): Promise<Target> {
  const port = await findFreePort();
  const script = fileURLToPath(new URL(`../fixtures/targets/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // 'close', not 'exit': only then has all output arrived.
  const target = { url: `http://127.0.0.1:${port}`, process: child, exited: once(child, 'close'), output };
  running.push(target);
  return target;
}

async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition()) return;
    await sleep(25);
  }
  throw new Error('waited in vain');
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

async function startReady(name: string): Promise<Target> {
  const target = await startTarget(name);
  await waitFor(() =>
    statusOf(`${target.url}/health`).then(
      (status) => status === 200,
      () => false,
    ),
  );
  return target;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

afterEach(async () => {
  for (const target of running.splice(0)) {
    target.process.kill('SIGKILL');
    await target.exited;
  }
});

describe('targets', () => {
  it('ok answers work with the same number every time', async () => {
    const { url } = await startReady('ok');
    const first = await (await fetch(`${url}/work`)).text();
    expect(first).toMatch(/^\d+\n$/);
    expect(await (await fetch(`${url}/work`)).text()).toBe(first);
  });

  it('exits-at-once leaves with 3 and says why', async () => {
    const target = await startTarget('exits-at-once');
    expect(await target.exited).toEqual([3, null]);
    expect(target.output.stderr).toContain('settings.toml');
  });

  it('never-ready runs and does not listen', async () => {
    const target = await startTarget('never-ready');
    await waitFor(() => target.output.stdout !== '');
    await expect(fetch(target.url)).rejects.toThrow();
    expect(target.process.exitCode).toBeNull();
  });

  it('listens-elsewhere listens where it was not told to', async () => {
    const target = await startTarget('listens-elsewhere');
    await waitFor(() => target.output.stdout.endsWith('\n'));
    const port = /\d+/.exec(target.output.stdout)?.[0] ?? '';
    expect(await statusOf(`http://127.0.0.1:${port}/`)).toBe(200);
    await expect(fetch(target.url)).rejects.toThrow();
  });

  it('prints-a-megabyte floods both streams and goes on with each request', async () => {
    const target = await startReady('prints-a-megabyte');
    await waitFor(() => target.output.stdout.length > 1_048_576 && target.output.stderr.length > 1_048_576);
    const before = target.output.stdout.length;
    expect(await statusOf(`${target.url}/work`)).toBe(200);
    await waitFor(() => target.output.stdout.length >= before + 1000);
  });

  it('wrong-status is healthy and fails at work', async () => {
    const { url } = await startReady('wrong-status');
    expect(await statusOf(`${url}/work`)).toBe(500);
  });

  it('dies-under-load answers 200 requests and no more', async () => {
    const target = await startReady('dies-under-load');
    for (let n = 0; n < 200; n += 1) expect(await statusOf(`${target.url}/work`)).toBe(200);
    expect(await target.exited).toEqual([7, null]);
    expect(target.output.stderr).toContain('FATAL');
  });

  it('forks-children leaves two processes behind', async () => {
    const target = await startReady('forks-children');
    const schema = z.object({ pid: z.int(), child: z.int(), detached: z.int() });
    const tree = schema.parse(await (await fetch(`${target.url}/work`)).json());
    try {
      expect(tree.pid).toBe(target.process.pid);
      target.process.kill('SIGKILL');
      await target.exited;
      expect([isAlive(tree.child), isAlive(tree.detached)]).toEqual([true, true]);
    } finally {
      process.kill(tree.child, 'SIGKILL');
      process.kill(tree.detached, 'SIGKILL');
    }
  });
});
