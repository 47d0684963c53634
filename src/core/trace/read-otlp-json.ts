import { isObject, listOf, numberOr, objectsOf, textOr } from '../importers/json-shape.ts';
import type { Json } from '../importers/json-shape.ts';
import type { OtlpAttributes, OtlpSpan, OtlpValue } from './otlp-span.ts';

/**
 * Spans of an ExportTraceServiceRequest in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding):
 * ids are hexadecimal, 64-bit numbers are text, enums numbers. Undefined when it is none. `instrumentationLibrarySpans` is
 * what `scopeSpans` was called before OTLP 0.16.
 */
export function readOtlpJson(request: unknown): readonly OtlpSpan[] | undefined {
  if (!isObject(request) || !Array.isArray(request.resourceSpans)) return undefined;
  return objectsOf(request.resourceSpans).flatMap(({ resource, scopeSpans, instrumentationLibrarySpans }) => {
    const attributes = readAttributes(isObject(resource) ? resource.attributes : undefined);
    return objectsOf(scopeSpans ?? instrumentationLibrarySpans).flatMap(({ spans }) =>
      objectsOf(spans).map((span) => readSpan(span, attributes)),
    );
  });
}

function readSpan(span: Json, resource: OtlpAttributes): OtlpSpan {
  const status = isObject(span.status) ? span.status.code : undefined;
  return {
    traceId: textOr(span.traceId, '').toLowerCase(),
    spanId: textOr(span.spanId, '').toLowerCase(),
    parentSpanId: textOr(span.parentSpanId, '').toLowerCase(),
    name: textOr(span.name, ''),
    kind: enumOr(span.kind, KINDS),
    startNs: readNs(span.startTimeUnixNano),
    endNs: readNs(span.endTimeUnixNano),
    attributes: readAttributes(span.attributes),
    statusCode: enumOr(status, STATUSES),
    resource,
  };
}

/** Some producers write enums by name, against the specification. */
const KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUSES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

function enumOr(value: unknown, names: readonly string[]): number {
  return typeof value === 'string' ? Math.max(0, names.indexOf(value)) : numberOr(value, 0);
}

function readNs(value: unknown): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value);
  // A number has lost its last digits (a quarter of a µs) already.
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? BigInt(value) : 0n;
}

function readAttributes(attributes: unknown): OtlpAttributes {
  const read = new Map<string, OtlpValue>();
  for (const { key, value } of objectsOf(attributes)) {
    const known = readValue(value);
    if (typeof key === 'string' && known !== undefined) read.set(key, known);
  }
  return read;
}

function readValue(value: unknown): OtlpValue | undefined {
  if (!isObject(value)) return undefined;
  const { stringValue, intValue, doubleValue, boolValue, arrayValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof intValue === 'string' && /^-?\d{1,20}$/.test(intValue)) return Number(intValue);
  if (typeof intValue === 'number') return intValue;
  if (typeof doubleValue === 'number') return doubleValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (!isObject(arrayValue)) return undefined;
  // Lists in lists are not attributes of OpenTelemetry, and could be as deep as somebody likes.
  return listOf(arrayValue.values).flatMap((item) => {
    const known = isObject(item) && item.arrayValue === undefined ? readValue(item) : undefined;
    return known === undefined ? [] : [known];
  });
}
