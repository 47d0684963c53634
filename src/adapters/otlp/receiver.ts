import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { OtlpReceiver, OtlpReceivers } from '../../core/ports/otlp.ts';
import type { OtlpSpan } from '../../core/trace/otlp-span.ts';
import { readOtlpJson } from '../../core/trace/read-otlp-json.ts';
import { decodeTraceRequest } from './decode-protobuf.ts';
import { TraceResponse } from './trace-messages.ts';

const unzip = promisify(gunzip);

/** SDKs send batches of 512 spans, about 0.2 MB in protobuf; collectors send up to some MB. */
const MAX_BODY_BYTES = 16 * 2 ** 20;
/** As much as the trace analysis is measured with, twice. */
const MAX_SPANS = 200_000;

export function createOtlpReceivers(
  limits: { readonly maxBodyBytes?: number; readonly maxSpans?: number } = {},
): OtlpReceivers {
  return {
    open: async (signal) =>
      await open(signal, limits.maxBodyBytes ?? MAX_BODY_BYTES, limits.maxSpans ?? MAX_SPANS),
  };
}

async function open(signal: AbortSignal, maxBodyBytes: number, maxSpans: number): Promise<OtlpReceiver> {
  signal.throwIfAborted();
  const spans: OtlpSpan[] = [];
  let dropped = 0;
  let rejected = 0;
  let firstRejection: string | null = null;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0];
    const isJson = /^application\/json\b/i.test(request.headers['content-type'] ?? '');
    if (request.method !== 'POST') {
      request.resume();
      response.writeHead(405, { allow: 'POST' }).end();
      return;
    }
    // Metrics and logs are taken and forgotten, or an exporter would try again and again.
    if (path !== '/v1/traces') {
      request.resume();
      await once(request, 'end');
      succeed(response, isJson, 0);
      return;
    }
    try {
      const read = await readSpans(request, isJson, maxBodyBytes);
      const room = Math.max(0, maxSpans - spans.length);
      for (const span of read.slice(0, room)) spans.push(span);
      const over = Math.max(0, read.length - room);
      dropped += over;
      succeed(response, isJson, over);
    } catch (error) {
      rejected += 1;
      const [status, reason] =
        error instanceof Refused ? [error.status, error.message] : [400, 'The body cannot be decoded.'];
      firstRejection ??= reason;
      // The rest of a body that is too large is not waited for.
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${reason}\n`);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const closed = once(server, 'close');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  signal.addEventListener('abort', stop, { once: true });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    count: () => spans.length,
    async close() {
      signal.removeEventListener('abort', stop);
      stop();
      await closed;
      return { spans, dropped, rejected, firstRejection };
    },
  };
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

async function readSpans(
  request: IncomingMessage,
  isJson: boolean,
  maxBodyBytes: number,
): Promise<readonly OtlpSpan[]> {
  const tooLarge = new Refused(413, `The body has more than ${maxBodyBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBodyBytes) throw tooLarge;
    parts.push(part);
  }
  const body = await decompress(Buffer.concat(parts), request.headers['content-encoding'], maxBodyBytes);
  if (!isJson) {
    if (!/^application\/(x-)?protobuf\b/i.test(request.headers['content-type'] ?? ''))
      throw new Refused(415, 'Traces are taken as application/x-protobuf and application/json.');
    return decodeTraceRequest(body);
  }
  const read = readOtlpJson(JSON.parse(body.toString('utf8')));
  if (read === undefined) throw new Refused(400, 'The JSON has no "resourceSpans".');
  return read;
}

async function decompress(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw new Refused(415, 'Bodies are taken as they are or with gzip.');
  try {
    // A small body may unpack to gigabytes.
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch {
    throw new Refused(400, `The body is no gzip, or unpacks to more than ${maxBytes} bytes.`);
  }
}

/** In the encoding of the request, as OTLP/HTTP asks for; a partial success only when spans were left out. */
function succeed(response: ServerResponse, isJson: boolean, rejectedSpans: number): void {
  const errorMessage = 'The receiver holds as many spans as it keeps.';
  const message = rejectedSpans === 0 ? {} : { partialSuccess: { rejectedSpans, errorMessage } };
  const type = isJson ? 'application/json' : 'application/x-protobuf';
  const body = isJson
    ? JSON.stringify(
        rejectedSpans === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } },
      )
    : TraceResponse.encode(TraceResponse.fromObject(message)).finish();
  response.writeHead(200, { 'content-type': type }).end(body);
}
