import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createOtlpReceivers } from '../../../src/adapters/otlp/receiver.ts';
import { TraceResponse } from '../../../src/adapters/otlp/trace-messages.ts';
import type { OtlpReceiver } from '../../../src/core/ports/otlp.ts';
import { traceFromOtlp } from '../../../src/core/trace/from-otlp.ts';
import type { Trace } from '../../../src/core/trace/model.ts';

const folder = new URL('../../fixtures/imports/opentelemetry-js/', import.meta.url);
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

let receiver: OtlpReceiver | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

async function open(limits?: Parameters<typeof createOtlpReceivers>[0]): Promise<OtlpReceiver> {
  receiver = await createOtlpReceivers(limits).open(new AbortController().signal);
  return receiver;
}

async function post(
  path: string,
  body: Uint8Array | string,
  headers: Record<string, string>,
): Promise<Response> {
  return await fetch(`${receiver?.endpoint ?? ''}${path}`, {
    method: 'POST',
    body: Buffer.from(body),
    headers,
  });
}

/** Spans by kind and name: runs differ in ids, times and ports. */
function summary({ spans }: Trace): readonly string[] {
  return spans.map(({ kind, name }) => `${kind} ${name.replace(/:\d+\//, '/')}`).sort();
}

describe('OTLP receiver', () => {
  it.each(['0.223.0', '0.52.1'])('reads what the SDK %s posts, in both encodings alike', async (version) => {
    const json = readFileSync(new URL(`${version}/traces.json`, folder));
    const packed = readFileSync(new URL(`${version}/traces.pb.gz`, folder));
    const first = await open();
    expect((await post('/v1/traces', json, { 'content-type': JSON_TYPE })).headers.get('content-type')).toBe(
      JSON_TYPE,
    );
    const fromJson = traceFromOtlp((await first.close()).spans).trace;
    const second = await open();
    const answer = await post('/v1/traces', packed, { 'content-type': PROTOBUF, 'content-encoding': 'gzip' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, PROTOBUF]);
    await post('/v1/traces', gunzipSync(packed), { 'content-type': PROTOBUF });
    const fromProtobuf = traceFromOtlp((await second.close()).spans).trace;
    // Sent twice, and there once.
    expect(summary(fromProtobuf)).toEqual(summary(fromJson));
    expect(fromProtobuf.spans.every(({ trace }) => /^[0-9a-f]{32}$/.test(trace ?? ''))).toBe(true);
  });

  it('takes metrics and logs and forgets them, and refuses what is no trace', async () => {
    const one = await open({ maxBodyBytes: 1000 });
    expect((await post('/v1/metrics', 'x', { 'content-type': PROTOBUF })).status).toBe(200);
    expect((await post('/v1/logs', '{}', { 'content-type': JSON_TYPE })).status).toBe(200);
    expect((await post('/v1/traces', '{}', { 'content-type': JSON_TYPE })).status).toBe(400);
    expect((await post('/v1/traces', '{"resource', { 'content-type': JSON_TYPE })).status).toBe(400);
    expect((await post('/v1/traces', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect(
      (await post('/v1/traces', new Uint8Array([255, 255, 255]), { 'content-type': PROTOBUF })).status,
    ).toBe(400);
    expect(
      (
        await post('/v1/traces', gzipSync('x'.repeat(5000)), {
          'content-type': JSON_TYPE,
          'content-encoding': 'gzip',
        })
      ).status,
    ).toBe(400);
    expect((await post('/v1/traces', 'x'.repeat(2000), { 'content-type': JSON_TYPE })).status).toBe(413);
    expect(await one.close()).toMatchObject({
      spans: [],
      rejected: 6,
      firstRejection: 'The JSON has no "resourceSpans".',
    });
  });

  it('tells the sender of spans beyond the limit', async () => {
    const one = await open({ maxSpans: 3 });
    const packed = readFileSync(new URL('0.223.0/traces.pb.gz', folder));
    const answer = await post('/v1/traces', packed, { 'content-type': PROTOBUF, 'content-encoding': 'gzip' });
    const message: unknown = TraceResponse.toObject(
      TraceResponse.decode(new Uint8Array(await answer.arrayBuffer())),
      { longs: Number },
    );
    const { spans, dropped } = await one.close();
    expect(spans).toHaveLength(3);
    expect(dropped).toBeGreaterThan(10);
    expect(message).toMatchObject({ partialSuccess: { rejectedSpans: dropped } });
  });
});
