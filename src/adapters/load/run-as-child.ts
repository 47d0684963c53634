import { connect } from 'node:net';
import type { WindowEdge } from '../../core/ports/load.ts';
import { WINDOW_LINE } from './child-lines.ts';
import type { Destination } from './child-plan.ts';
import { exitWithParent } from '../../children/exit-with-parent.ts';
import { readAll } from '../../children/read-all.ts';

const CONNECT_PROBE_MS = 1_000;

/**
 * The life of a generator process: plan as JSON on stdin until its end, on stdout a line at each edge of the window and a
 * last one with the result as JSON, exit.
 * A failure goes to stderr with exit code 1. Ends by itself when the process that planned it has died.
 */
export function runAsChild<Plan extends { readonly parentPid: number }, Result>(
  parse: (text: string) => Plan,
  work: (plan: Plan, announce: (edge: WindowEdge) => void) => Promise<Result>,
): void {
  readAll(process.stdin)
    .then((text) => {
      const plan = parse(text);
      exitWithParent(plan.parentPid);
      return work(plan, (edge) => process.stdout.write(`${WINDOW_LINE}${edge}\n`));
    })
    .then(
      (result) => process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0)),
      (error: unknown) => {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.stderr.write(`${reason}\n`, () => process.exit(1));
      },
    );
}

/** `localhost` is two addresses and a server often listens on one of them only. Falls back to the first. */
export async function chooseOrigin(destination: Destination): Promise<string> {
  const { addresses, port, protocol } = destination;
  const [first = '127.0.0.1'] = addresses;
  let chosen = first;
  if (addresses.length > 1) {
    for (const address of addresses) {
      if (await accepts(address, port)) {
        chosen = address;
        break;
      }
    }
  }
  return `${protocol}//${chosen.includes(':') ? `[${chosen}]` : chosen}:${port}`;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_PROBE_MS });
    const settle = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
