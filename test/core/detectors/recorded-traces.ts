import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import type { TraceAnalysis } from '../../../src/core/trace/analyze.ts';
import { traceFromOtlp } from '../../../src/core/trace/from-otlp.ts';
import { readOtlpJson } from '../../../src/core/trace/read-otlp-json.ts';
import { readTracer } from '../../../src/core/trace/read-tracer.ts';

const threadsSchema = z.array(z.object({ pid: z.number(), threadId: z.number(), content: z.string() }));

function read(name: string): unknown {
  const file = new URL(`../../fixtures/traces/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(file)).toString());
}

/** What our tracer wrote of an example. */
export function analyzeTraced(name: string): TraceAnalysis {
  return analyzeTrace(readTracer(threadsSchema.parse(read(name))).trace, ['/srv/app']);
}

/** What a program sent of itself. */
export function analyzeSent(name: string): TraceAnalysis {
  return analyzeTrace(traceFromOtlp(readOtlpJson(read(name)) ?? []).trace, ['/srv/app']);
}
