import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseMessage } from './parse-message.ts';
import { LOOPBACK } from './protocol.ts';
import type { Answer, Command, Hello, NumberedCommand, Spoken } from './protocol.ts';

/** Datagrams have no end of a connection: while an answer is due, the system is asked whether somebody still listens. */
const LOOK_EVERY_MS = 250;

export interface Probe {
  readonly hello: Hello;
  /** Undefined when the probe failed, went away or took too long. */
  ask(command: Command, limitMs: number): Promise<Answer | undefined>;
  /** Finds out whether the thread is still there; `onEnd` is called when it isn't. */
  look(): void;
  close(): void;
}

export interface ProbeAddress {
  readonly port: number;
  readonly token: string;
}

/**
 * Speaks with one thread over a socket of its own, which is connected: so the system reports a port where nobody listens any
 * more (ECONNREFUSED), and takes datagrams from nobody else.
 */
export async function openConversation(
  hello: Hello,
  { port, token }: ProbeAddress,
  onEnd: (probe: Probe) => void,
): Promise<Probe> {
  const waiting = new Map<number, (answer: Answer | undefined) => void>();
  let lastId = 0;
  let isOpen = true;
  const socket = createSocket('udp4');

  const settle = (id: number, answer: Answer | undefined): void => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  };
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    socket.close();
    for (const id of [...waiting.keys()]) settle(id, undefined);
  };
  const look = (): void => {
    if (isOpen) socket.send('');
  };
  const probe: Probe = {
    hello,
    async ask(command, limitMs) {
      if (!isOpen) return undefined;
      const id = ++lastId;
      const timer = new AbortController();
      const answered = new Promise<Answer | undefined>((resolve) => waiting.set(id, resolve));
      const spoken: Spoken<NumberedCommand> = { ...command, id, token };
      socket.send(JSON.stringify(spoken));
      const looking = setInterval(look, LOOK_EVERY_MS);
      const late = sleep(limitMs, undefined, { signal: timer.signal }).catch(() => undefined);
      const answer = await Promise.race([answered, late]);
      clearInterval(looking);
      timer.abort();
      waiting.delete(id);
      return answer;
    },
    look,
    close,
  };
  socket.on('message', (datagram) => {
    const message = parseMessage(datagram.toString(), token);
    if (message?.type === 'reply') settle(message.id, message.answer);
  });
  socket.on('error', () => {
    close();
    onEnd(probe);
  });
  // Else it listens on every interface until it is connected.
  await new Promise<void>((resolve) => socket.bind({ port: 0, address: LOOPBACK, exclusive: true }, resolve));
  await new Promise<void>((resolve) => socket.connect(port, LOOPBACK, resolve));
  return probe;
}
