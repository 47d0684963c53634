import protobuf from 'protobufjs';

/**
 * The part of opentelemetry/proto/collector/trace/v1 and trace/v1 that we read (field numbers of opentelemetry-proto 1.x,
 * which are frozen). Unknown fields are skipped by the decoder. Times are fixed64.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package otlp;
  message TraceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    int32 kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    Status status = 15;
  }
  message Status { int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1;
      bool bool_value = 2;
      int64 int_value = 3;
      double double_value = 4;
      ArrayValue array_value = 5;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message TraceResponse { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
`);

export const TraceRequest = root.lookupType('otlp.TraceRequest');
export const TraceResponse = root.lookupType('otlp.TraceResponse');
