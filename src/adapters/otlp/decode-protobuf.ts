import type { OtlpSpan } from '../../core/trace/otlp-span.ts';
import { readOtlpJson } from '../../core/trace/read-otlp-json.ts';
import { TraceRequest } from './trace-messages.ts';

/**
 * Spans of an ExportTraceServiceRequest in protobuf. The message becomes what OTLP's JSON is, so that there is one reader:
 * 64-bit numbers as text, ids in hexadecimal. Throws what protobufjs throws.
 */
export function decodeTraceRequest(body: Uint8Array): readonly OtlpSpan[] {
  // Without an option for `bytes`, they stay Buffers; as text they would be base64.
  const message: unknown = TraceRequest.toObject(TraceRequest.decode(body), { longs: String });
  return readOtlpJson(withHexIds(message)) ?? [];
}

/** Ids are the only bytes that the messages have. */
function withHexIds(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(withHexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withHexIds(member)]));
}
