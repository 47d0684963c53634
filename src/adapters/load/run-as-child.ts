import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { WindowEdge } from '../../core/ports/load.ts';
import { WINDOW_LINE } from './child-lines.ts';
import type { Destination, Directed } from './child-plan.ts';
import { exitWithParent } from '../../children/exit-with-parent.ts';

const CONNECT_PROBE_MS = 1_000;

export interface ChildWork<Plan, Result> {
  /** What can be done before there is a program to load. */
  readonly prepare?: (plan: Plan) => Promise<void>;
  readonly work: (plan: Directed<Plan>, announce: (edge: WindowEdge) => void) => Promise<Result>;
}

/**
 * The life of a generator process: the plan as a line of JSON on stdin, the destination as a second one when the program
 * listens, on stdout a line at each edge of the window and a last one with the result as JSON, exit.
 * A failure goes to stderr with exit code 1. Ends by itself when the process that planned it has died.
 */
export function runAsChild<Plan extends { readonly parentPid: number }, Result>({
  prepare,
  work,
}: ChildWork<Plan, Result>): void {
  live().then(
    (result) => process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0)),
    (error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`${reason}\n`, () => process.exit(1));
    },
  );

  async function live(): Promise<Result> {
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => {
      const line = await lines.next();
      // Nobody wants anything any more, or there is nobody.
      if (line.done === true) process.exit(1);
      return line.value;
    };
    // Only our own parent writes these, from the same build: the shapes are the types.
    const plan = JSON.parse(await next()) as Plan;
    exitWithParent(plan.parentPid);
    await prepare?.(plan);
    const destination = JSON.parse(await next()) as Destination;
    return work({ ...plan, destination }, (edge) => process.stdout.write(`${WINDOW_LINE}${edge}\n`));
  }
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
