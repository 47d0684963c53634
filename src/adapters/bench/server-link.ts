import { connect } from 'node:net';
import type { ChildMessage, ChildPlan, ServerMessage } from './child-protocol.ts';

/** The harness's end of the conversation. */
export interface ServerLink {
  readonly plan: ChildPlan;
  /** Resolves when the server has taken note and says to go on. */
  tell(message: ChildMessage): Promise<void>;
}

/** A harness whose server is gone has nobody to measure for. */
export function connectToServer(path: string): Promise<ServerLink> {
  const socket = connect(path);
  let onGo: () => void = () => undefined;
  socket.on('error', () => process.exit(1));
  socket.on('close', () => process.exit(1));
  return new Promise((resolve) => {
    const tell = (message: ChildMessage): Promise<void> =>
      new Promise((done) => {
        onGo = done;
        socket.write(`${JSON.stringify(message)}\n`);
      });
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        // Only our own server knows the path, from the same build: the shape is the type.
        const message = JSON.parse(line) as ServerMessage;
        if (message.type === 'plan') resolve({ plan: message.plan, tell });
        else onGo();
      }
    });
  });
}
