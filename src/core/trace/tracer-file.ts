import { z } from 'zod';

/** What the tracer of one thread writes when it stops. Numbers of requests, spans and sites count from 1 within the file. */
const ms = z.number().min(0);
const index = z.int().min(0);

export const SPAN_KINDS = [
  'request',
  'query',
  'outbound',
  'connect',
  'pool-wait',
  'timer',
  'dns',
  'file',
  'task',
  'sync',
  'internal',
] as const;

const rawSpanSchema = z.object({
  id: z.int().positive(),
  parent: z.int().positive().optional(),
  /** Number of its request. */
  request: z.int().positive().optional(),
  kind: z.enum(SPAN_KINDS),
  /** Of a request or an outbound call: the method and the path, the URL or the framework's route, as it was. */
  name: z.string(),
  from: ms,
  to: ms.optional(),
  failed: z.literal(true).optional(),
  site: index.optional(),
  statement: index.optional(),
  input: z.string().optional(),
  output: z.string().optional(),
  rows: z.int().min(0).optional(),
  bytes: z.number().min(0).optional(),
  connection: z.string().optional(),
  transaction: z.string().optional(),
  status: z.int().optional(),
  fresh: z.literal(true).optional(),
});

const rawStatementSchema = z.object({
  engine: z.enum(['postgres', 'mysql', 'sqlite', 'redis', 'mongodb', 'other']),
  /** As it was sent; cut where it is very long. */
  text: z.string(),
  isCut: z.literal(true).optional(),
  executions: z.int().min(0),
  samples: z.array(z.array(z.unknown())).optional(),
  use: z
    .object({
      columns: z.array(z.string()),
      columnsRead: z.array(z.string()),
      rows: z.int().min(0),
      rowsRead: z.int().min(0),
      executions: z.int().min(0),
    })
    .optional(),
});

const siteSchema = z.object({
  function: z.string(),
  file: z.string(),
  line: z.int().min(0),
  column: z.int().min(0),
  callers: z.array(z.string()),
});

export const tracerFileSchema = z.object({
  version: z.literal(1),
  /** performance.timeOrigin of the thread: with it the clocks of all threads of a machine are one. */
  timeOriginMs: z.number(),
  /** performance.now() at the start and at the end; so are all times. */
  fromMs: ms,
  toMs: ms,
  dropped: z.int().min(0),
  /** Of libuv's pool in the process. */
  poolThreads: z.int().min(1).optional(),
  spans: z.array(rawSpanSchema),
  statements: z.array(rawStatementSchema),
  sites: z.array(siteSchema),
  /** Request, from, to. */
  runs: z.array(z.tuple([z.int().positive(), ms, ms])),
  collections: z.array(z.tuple([z.enum(['minor', 'major', 'incremental', 'weakcb']), ms, ms])),
});

export type TracerFile = z.infer<typeof tracerFileSchema>;
export type RawSpan = TracerFile['spans'][number];
export type RawStatement = TracerFile['statements'][number];
