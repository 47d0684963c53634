/** A span of OTLP as far as we read it, whichever encoding it came in. */
export interface OtlpSpan {
  /** Hexadecimal, 32 and 16 digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Since 1970, beyond 2^53. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: OtlpAttributes;
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  /** Of its resource: `service.name`, `telemetry.sdk.language`. */
  readonly resource: OtlpAttributes;
}

/** Values of other types (maps, bytes) are left out. */
export type OtlpAttributes = ReadonlyMap<string, OtlpValue>;
export type OtlpValue = string | number | boolean | readonly OtlpValue[];

export const OTLP_SERVER = 2;
export const OTLP_CLIENT = 3;
export const OTLP_CONSUMER = 5;
export const OTLP_ERROR = 2;
