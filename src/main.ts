/** Composition root: reads argv and env, wires the adapters, serves MCP on stdio or runs a command. */
import module from 'node:module';
import { createChanges } from './loop/changes.ts';
import type { CheckOptions, Commands, ServeOptions } from './cli/program.ts';
import type { Terminal } from './cli/check.ts';
import { DeepOptimizeError } from './core/errors.ts';
import type { Ports } from './core/ports/index.ts';

declare const DEEP_OPTIMIZE_VERSION: string;

/** Exit code for wrong usage and for what the environment lacks; a failed budget is 1 (cli/check.ts). */
const EXIT_USAGE_OR_ENVIRONMENT = 3;

// Newer versions of Node.js keep compiled code between starts.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const commands: Commands = { serve, check, report };

async function serve(options: ServeOptions): Promise<void> {
  const { createSession, serveStdio } = await import('./server/index.ts');
  const directory = options.project ?? process.cwd();
  const session = createSession(directory, createChanges(), async () => {
    const { createPorts, createRuns } = await import('./wire.ts');
    const ports = createPorts({ allowHosts: options.allowHost });
    return { ports, runs: createRuns(ports) };
  });
  await serveStdio(session, DEEP_OPTIMIZE_VERSION, {
    stdin: process.stdin,
    stdout: process.stdout,
    exit: (code) => process.exit(code),
    onSignal: (listener) => {
      process.once('SIGINT', listener);
      process.once('SIGTERM', listener);
    },
  });
}

async function check(options: CheckOptions): Promise<void> {
  const { check: run } = await import('./cli/check.ts');
  await withPorts(async (ports, terminal) => run(ports, options.project ?? process.cwd(), options, terminal));
}

async function report(options: { readonly project: string | undefined }): Promise<void> {
  const { report: run } = await import('./cli/report.ts');
  await withPorts(async (ports, terminal) => run(ports, options.project ?? process.cwd(), terminal));
}

/** Runs a command for people; whatever ends it, nothing that it started is left. */
async function withPorts(run: (ports: Ports, terminal: Terminal) => Promise<number>): Promise<void> {
  const { createPorts } = await import('./wire.ts');
  const ports = createPorts({ allowHosts: [] });
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const terminal = {
    out: (text: string) => void process.stdout.write(`${text}\n`),
    err: (text: string) => void process.stderr.write(`${text}\n`),
    signal: abort.signal,
  };
  try {
    process.exitCode = await run(ports, terminal);
  } finally {
    await ports.processes.killAll();
    await ports.projects.closeAll();
  }
}

async function main(): Promise<void> {
  // A client's registration usually has no arguments: then there is nothing to parse.
  if (process.argv.length === 2) {
    await serve({ project: undefined, allowHost: [] });
    return;
  }
  const { createProgram } = await import('./cli/program.ts');
  try {
    await createProgram(DEEP_OPTIMIZE_VERSION, commands).parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (isCommanderExit(error)) return error.exitCode === 0 ? 0 : EXIT_USAGE_OR_ENVIRONMENT; // commander has said why
  if (error instanceof DeepOptimizeError) {
    process.stderr.write(
      `${error.message}\nFix: ${error.fix}\n${error.output === undefined ? '' : `${error.output}\n`}`,
    );
  } else {
    console.error(error);
  }
  return EXIT_USAGE_OR_ENVIRONMENT;
}

function isCommanderExit(error: unknown): error is Error & { readonly exitCode: number } {
  return (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  );
}

await main();
