import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { observationSchema } from '../../core/behaviour/observation-schema.ts';
import { socketPrefix } from '../../core/temporary-names.ts';
import type { ChildMessage, ChildPlan, ServerMessage } from './child-protocol.ts';

const messageSchema: z.ZodType<ChildMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('observed'), observation: observationSchema }),
  z.object({ type: z.literal('observed all'), extent: z.int() }),
  z.object({ type: z.literal('window'), edge: z.enum(['opens', 'closes']) }),
  z.object({
    type: z.literal('calibrated'),
    result: z.object({
      inputs: z.int().positive(),
      callsPerTiming: z.int().positive(),
      msPerCall: z.number().positive(),
    }),
  }),
  z.object({
    type: z.literal('measured'),
    result: z.object({
      calls: z.int().positive(),
      timings: z.int().positive(),
      wallLowMs: z.number().min(0),
      wallMedianMs: z.number().min(0),
      windowMs: z.number().positive(),
      cpuUs: z.number().min(0),
      gcMs: z.number().min(0),
      edgeToEdgeCpuUs: z.number().min(0),
      rssPeakBytes: z.number().positive(),
      allocatedBytesPerCall: z.number().min(0),
      importMs: z.number().min(0),
      inputsChanged: z.boolean().nullable(),
    }),
  }),
  z.object({
    type: z.literal('failed'),
    failure: z.discriminatedUnion('stage', [
      z.object({ stage: z.literal('import'), detail: z.string() }),
      z.object({ stage: z.literal('export'), problem: z.string(), detail: z.string() }),
      z.object({ stage: z.literal('arguments'), problem: z.string(), detail: z.string() }),
      z.object({ stage: z.literal('call'), input: z.int().min(0), inputs: z.int(), detail: z.string() }),
    ]),
  }),
]);

/**
 * A message is a few KB, but for an observation, whose values are bounded (core/behaviour/bound-value.ts). More without a line
 * break is not our harness speaking.
 */
const LONGEST_LINE = 8 * 1024 * 1024;

export interface HarnessLink {
  /** For the harness's argument vector. */
  readonly socketPath: string;
  close(): Promise<void>;
}

/** Waits for one harness, gives it the plan, and lets it go on each time that `onMessage` has resolved. */
export async function openHarnessLink(
  runId: string,
  plan: ChildPlan,
  onMessage: (message: ChildMessage) => Promise<void>,
): Promise<HarnessLink> {
  // mkdtemp makes it readable for this user only.
  const directory = await mkdtemp(join(tmpdir(), socketPrefix(runId)));
  const socketPath =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\${directory.replace(/[^a-zA-Z0-9]/g, '-')}`
      : join(directory, 's');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Killed in the middle of a word: how the process ended tells the story.
    socket.on('error', () => socket.destroy());
    const send = (message: ServerMessage): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    };
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = parseMessage(line);
        if (message === undefined) continue;
        void onMessage(message).then(() => send({ type: 'go' }));
      }
      if (rest.length > LONGEST_LINE) socket.destroy();
    });
    send({ type: 'plan', plan });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return {
    socketPath,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function parseMessage(line: string): ChildMessage | undefined {
  try {
    return messageSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
