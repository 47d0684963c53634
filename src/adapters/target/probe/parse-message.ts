import { z } from 'zod';
import type { Hello, Reply } from './protocol.ts';

const milliseconds = z.number().min(0);

const windowSchema = z.object({
  durationMs: milliseconds,
  eventLoopDelay: z.object({ p50Ms: milliseconds, p99Ms: milliseconds, maxMs: milliseconds }).nullable(),
  eventLoopUtilization: z.number().min(0).max(1),
  gcMs: z.object({
    minor: milliseconds,
    major: milliseconds,
    incremental: milliseconds,
    weakcb: milliseconds,
  }),
  processCpuUs: z.number().min(0),
  heapUsedBytes: z.number().min(0),
  rssBytes: z.number().min(0),
  allocatedBytes: z.number().min(0).nullable(),
  outboundCalls: z.int().min(0),
  inboundRequests: z.int().min(0).nullable(),
  queries: z.int().min(0).nullable(),
  activeHandles: z.int().min(0).nullable(),
});

const heapSchema = z.object({
  heapUsedBytes: z.number().min(0),
  externalBytes: z.number().min(0),
  activeHandles: z.int().min(0).nullable(),
  inboundRequests: z.int().min(0),
});

const messageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    pid: z.int().positive(),
    threadId: z.int().min(0),
    argv: z.array(z.string()),
    nodeVersion: z.string(),
  }),
  z.object({
    type: z.literal('reply'),
    id: z.int(),
    answer: z.union([windowSchema, heapSchema, z.boolean(), z.null()]).optional(),
    error: z.string().optional(),
  }),
]);

const spokenSchema = z.object({ token: z.string() });

/** What the other end says is checked: the measured program knows the token too. */
export function parseMessage(text: string, token: string): Hello | Reply | undefined {
  try {
    const spoken: unknown = JSON.parse(text);
    if (spokenSchema.parse(spoken).token !== token) return undefined;
    const message = messageSchema.parse(spoken);
    if (message.type === 'hello') return message;
    return {
      type: 'reply',
      id: message.id,
      ...(message.answer === undefined ? {} : { answer: message.answer }),
      ...(message.error === undefined ? {} : { error: message.error }),
    };
  } catch {
    return undefined;
  }
}
