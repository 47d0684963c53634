import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { findListeningPorts } from '../../../src/adapters/target/listening-ports.ts';
import { requireInNodeOptions } from '../../../src/adapters/target/node-options.ts';
import { createTargets } from '../../../src/adapters/target/targets.ts';
import { TargetError } from '../../../src/core/errors.ts';
import type { Targets, TargetSpec } from '../../../src/core/ports/target.ts';
import { isRunning } from '../liveness.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { bundleProbe } from './bundle-probe.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
let targets: Targets;
beforeAll(async () => {
  targets = createTargets({ processes, probeFile: await bundleProbe(directory.path) });
});
afterAll(() => processes.killAll());

const never = new AbortController().signal;
const env = { PATH: process.env['PATH'] ?? '' };

/** A program that notes its pid, so that a test can see whether it is gone. */
function specOf(script: string, more: Partial<TargetSpec> = {}): TargetSpec {
  return {
    command: [process.execPath, '-e', `require('fs').writeFileSync('pid', String(process.pid)); ${script}`],
    cwd: directory.path,
    env,
    ready: { port: true },
    timeoutMs: 20_000,
    probe: 'none',
    runId: 'run_target00',
    ...more,
  };
}

const readPid = (): number => Number(readFileSync(join(directory.path, 'pid'), 'utf8'));

async function failureOf(spec: TargetSpec): Promise<TargetError> {
  const error: unknown = await targets.start(spec, never).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TargetError)) throw new Error(`no TargetError: ${String(error)}`);
  return error;
}

const SERVE = `require('http').createServer((q, r) => { r.statusCode = q.url === '/ill' ? 503 : 404; r.end('hi'); }).listen(process.env.PORT, '127.0.0.1', () => console.log('serving'));`;

describe('a start succeeds', () => {
  test('by port, with the port in PORT, in arguments and in other variables', async () => {
    const script = `console.log([process.env.PORT, process.env.URL, process.argv[1], process.env.DEEP_OPTIMIZE_RUN, process.env.HOST].join(' ')); ${SERVE}`;
    const spec = specOf(script, { env: { ...env, URL: 'http://x:{port}' } });
    const target = await targets.start({ ...spec, command: [...spec.command, 'port={port}'] }, never);
    const { port } = target;
    expect(target.origin).toBe(`http://127.0.0.1:${port}`);
    expect(await (await fetch(target.origin)).text()).toBe('hi');
    expect(target.output().stdout).toContain(`${port} http://x:${port} port=${port} run_target00 \n`);
    expect(target.startupMs).toBeGreaterThan(0);
    expect(target.probeCount()).toBe(0);
    expect((await target.usage()).pids).toEqual([target.pid]);
    await target.openWindow();
    expect(await target.closeWindow()).toEqual([]);
    await target.stop();
    expect(isRunning(target.pid)).toBe(false);
  });

  test('by path, once it answers below 500', async () => {
    const script = `let left = 3; require('http').createServer((q, r) => { r.statusCode = q.url === '/health' && left-- > 0 ? 503 : 404; r.end(String(left)); }).listen(process.env.PORT)`;
    const target = await targets.start(specOf(script, { ready: { path: '/health' } }), never);
    expect(Number(await (await fetch(target.origin)).text())).toBeLessThan(0);
    await target.stop();
  });

  test('over https, with a certificate that nobody vouches for', async () => {
    const certificate = join(import.meta.dirname, '../../fixtures/certificate');
    const script = `const { readFileSync } = require('fs'); const at = (n) => readFileSync(${JSON.stringify(certificate)} + '/' + n + '.pem'); require('https').createServer({ key: at('key'), cert: at('cert') }, (q, r) => r.end('safe')).listen(process.env.PORT, '127.0.0.1');`;
    const ready = { path: '/health' };
    const target = await targets.start(specOf(script, { ready, scheme: 'https' }), never);
    expect(target.origin).toBe(`https://127.0.0.1:${target.port}`);
    await target.stop();
    // As http it answers nothing: the scheme is what makes it ready.
    expect((await failureOf(specOf(script, { ready, timeoutMs: 1_500 }))).code).toBe('never_ready');
  });

  test('by a line of output, on the IPv6 loopback too', async () => {
    const script = `require('http').createServer((q, r) => r.end('six')).listen(process.env.PORT, '::1', () => setTimeout(() => console.error('now all is READY.'), 100));`;
    const target = await targets.start(specOf(script, { ready: { output: 'is READY' } }), never);
    expect(target.output().stderr).toContain('is READY');
    expect(target.origin).toBe(`http://[::1]:${target.port}`);
    expect(await (await fetch(target.origin)).text()).toBe('six');
    await target.stop();
  });
});

describe('a start fails, and nothing is left of it', () => {
  test('when the program is not there', async () => {
    const error = await failureOf({ ...specOf(''), command: ['no-such-program-here', 'x'] });
    expect(error.code).toBe('start_failed');
    expect(error.message).toContain('ENOENT');
    expect(error.fix).toContain('"no-such-program-here"');
  });

  test('when it exits, with its code and its words as output only', async () => {
    const error = await failureOf(specOf(`console.error('missing the flux'); process.exit(9)`));
    expect(error.code).toBe('start_failed');
    expect(error.message).toContain('exited with code 9');
    expect(error.message).not.toContain('flux\n');
    expect(error.output).toContain('missing the flux');
  });

  test('when it is never ready', async () => {
    const error = await failureOf(
      specOf(`console.log('dreaming'); setInterval(() => {}, 1000)`, { timeoutMs: 600, probe: 'telemetry' }),
    );
    expect(error.code).toBe('never_ready');
    expect(error.message).toContain('after 0.6 s: nothing accepts connections on port');
    expect(error.output).toBe('dreaming');
    expect(isRunning(readPid())).toBe(false);
  });

  test('when it answers 503 only', async () => {
    const error = await failureOf(specOf(SERVE, { ready: { path: '/ill' }, timeoutMs: 600 }));
    expect(error.code).toBe('never_ready');
    expect(error.message).toContain('GET /ill answers 503');
    expect(isRunning(readPid())).toBe(false);
  });

  test.runIf(process.platform === 'linux')('when it listens on another port, which is named', async () => {
    const script = `const s = require('http').createServer().listen(0, () => require('fs').writeFileSync('port', String(s.address().port)))`;
    const error = await failureOf(specOf(script, { timeoutMs: 600 }));
    const port = readFileSync(join(directory.path, 'port'), 'utf8');
    expect(error.code).toBe('listens_elsewhere');
    expect(error.message).toContain(`listens on port ${port} and not on`);
    expect(error.fix).toContain('process.env.PORT');
    expect(isRunning(readPid())).toBe(false);
  });

  test('when it wants a port that is in use', async () => {
    const busy = createServer();
    const port = await new Promise<number>((resolve) => {
      busy.listen(0, () => {
        const address = busy.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const error = await failureOf(specOf(`require('http').createServer().listen(${port})`));
    busy.close();
    expect(error.code).toBe('port_taken');
    expect(error.message).toContain(`port ${port}, which is in use`);
    expect(error.output).toContain('EADDRINUSE');
  });

  test('when it is aborted', async () => {
    // The system's temporary directory is everybody's: other tests make directories there at the same time.
    const temporary = join(directory.path, 'tmp');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const abort = new AbortController();
    const starting = targets.start(
      specOf('setInterval(() => {}, 1000)', { probe: 'telemetry' }),
      abort.signal,
    );
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 300);
    await expect(starting).rejects.toBe(reason);
    expect(isRunning(readPid())).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

test('what happens to the program after its start is told', async () => {
  const target = await targets.start(specOf(`${SERVE} setTimeout(() => process.exit(4), 300)`), never);
  expect(await target.exited).toEqual({ code: 4, signal: null });
  await target.stop();
});

test.runIf(process.platform === 'linux')('listening ports are found by process', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '::1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(findListeningPorts([process.pid])).toContain(port);
  server.close();
  expect(findListeningPorts([])).toEqual([]);
});

test.each([
  [undefined, '/a/probe.cjs', '--require /a/probe.cjs'],
  ['--max-old-space-size=64', '/a/probe.cjs', '--max-old-space-size=64 --require /a/probe.cjs'],
  [undefined, '/a b/"c"\\d', '--require "/a b/\\"c\\"\\\\d"'],
])('NODE_OPTIONS %j with %j', (existing, file, options) => {
  expect(requireInNodeOptions(existing, file)).toBe(options);
});
