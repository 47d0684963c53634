import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createServer } from './create-server.ts';
import type { Session } from './session.ts';

/**
 * Serves a session on stdin and stdout until the client goes. End of input is the portable way in which a client says that;
 * SIGINT and SIGTERM are the others. All end the same way: nothing that we started is left, then the process exits.
 */
export async function serveStdio(
  session: Session,
  version: string,
  host: {
    readonly stdin: NodeJS.ReadStream;
    readonly stdout: NodeJS.WriteStream;
    readonly exit: (code: number) => void;
    readonly onSignal: (listener: () => void) => void;
  },
): Promise<void> {
  const server = createServer(session, version);
  let leaving = false;
  const leave = () => {
    if (leaving) return;
    leaving = true;
    // Whatever hangs, the process must be gone within a second of the end of input.
    const hardLimit = setTimeout(() => host.exit(1), 900);
    session
      .close()
      .catch((error: unknown) => console.error('shutdown:', error))
      .finally(() => {
        clearTimeout(hardLimit);
        host.exit(0);
      });
  };
  host.stdin.once('end', leave);
  host.stdin.once('close', leave);
  // A client that closed its end of the pipe (EPIPE) has gone too; more than one write may fail.
  host.stdout.on('error', leave);
  host.onSignal(leave);
  await server.connect(new StdioServerTransport());
}
