import type { OtlpSpan } from '../trace/otlp-span.ts';

/** What came in between the opening and the closing of a receiver. */
export interface ReceivedSpans {
  readonly spans: readonly OtlpSpan[];
  /** Spans beyond the limit, which the sender was told of. */
  readonly dropped: number;
  /** Requests that could not be read, with the reason of the first. */
  readonly rejected: number;
  readonly firstRejection: string | null;
}

export interface OtlpReceiver {
  /** `http://127.0.0.1:PORT`: what OTEL_EXPORTER_OTLP_ENDPOINT is set to. */
  readonly endpoint: string;
  /** Spans so far. */
  count(): number;
  /** Stops listening and gives what came. */
  close(): Promise<ReceivedSpans>;
}

/** Receives traces of services in any language over OTLP/HTTP, on loopback only. */
export interface OtlpReceivers {
  open(signal: AbortSignal): Promise<OtlpReceiver>;
}
