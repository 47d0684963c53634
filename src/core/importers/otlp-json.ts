import type { Warning } from '../model/warning.ts';
import { traceFromOtlp } from '../trace/from-otlp.ts';
import type { OtlpSpan } from '../trace/otlp-span.ts';
import { readOtlpJson } from '../trace/read-otlp-json.ts';
import { WARNINGS } from '../warnings.ts';
import type { TraceImporter } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { isArray } from './json-shape.ts';
import { refuse } from './refuse.ts';
import { linesOf } from './text-lines.ts';

/**
 * Traces in OTLP's JSON: one ExportTraceServiceRequest, a list of them, or one a line as the file exporter of the
 * OpenTelemetry Collector writes them. Lines of metrics and logs between them are passed over.
 */
export const otlpJson: TraceImporter = {
  id: 'otlp-json',
  title: 'OTLP traces in JSON (OpenTelemetry file exporter)',
  gives: 'trace',
  detect({ head }) {
    return /^\s*\[?\s*\{/.test(head) && /"resourceSpans"\s*:\s*\[/.test(head);
  },
  parse(source) {
    const whole = source.json();
    const { spans, warnings } =
      whole === undefined ? readLines(source) : { spans: readRequests(whole), warnings: [] };
    if (spans.length === 0) {
      throw refuse(
        source,
        'holds OTLP traces without a single span',
        'Send requests to the service while it exports, and let it flush before it ends.',
      );
    }
    const read = traceFromOtlp(spans);
    return { trace: read.trace, warnings: [...warnings, ...read.warnings] };
  },
};

function readRequests(value: unknown): readonly OtlpSpan[] {
  return (isArray(value) ? value : [value]).flatMap((request) => readOtlpJson(request) ?? []);
}

function readLines(source: ImportSource): {
  readonly spans: readonly OtlpSpan[];
  readonly warnings: readonly Warning[];
} {
  const text = source.text();
  const spans: OtlpSpan[] = [];
  let lines = 0;
  let broken = 0;
  let lastIsBroken = false;
  for (const line of linesOf(text)) {
    if (line.trim() === '') continue;
    lines += 1;
    lastIsBroken = false;
    try {
      for (const span of readRequests(JSON.parse(line))) spans.push(span);
    } catch {
      broken += 1;
      lastIsBroken = true;
    }
  }
  if (spans.length === 0 && broken > 0) {
    throw refuse(
      source,
      'begins like OTLP traces, but no line of it is complete JSON',
      'Copy it again, or export it again and let the exporter end properly.',
    );
  }
  const isCut = lastIsBroken && !text.endsWith('\n');
  const skipped = broken - (isCut ? 1 : 0);
  return {
    spans,
    warnings: [
      ...(isCut ? [WARNINGS.import_cut_off('its last line was left out.')] : []),
      ...(skipped > 0 ? [WARNINGS.import_lines_skipped(skipped, lines)] : []),
    ],
  };
}
