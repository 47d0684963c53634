import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { RawSpan, TracerFile } from '../../../../core/trace/tracer-file.ts';
import { currentRequest } from './context.ts';
import { startCallSites, takeCallSites } from './call-site.ts';
import { countPoolThreads } from './pool-threads.ts';
import { startRuns, takeRuns } from './runs.ts';
import { startStatements, takeStatements } from './statements.ts';
import { watchCollections } from './watch-collections.ts';

/** About 40 MB of them, as text; a thread that does more in a window of seconds shows all that it will ever show. */
const MOST_SPANS = 200_000;
/** What no request asked for is of interest when it held the thread, or took part of a pool, for so long. */
const SHORTEST_ALONE_MS = 0.2;

export type OpenSpan = { -readonly [Key in keyof RawSpan]: RawSpan[Key] };

let spans: OpenSpan[] = [];
let dropped = 0;
let lastId = 0;
let lastRequest = 0;
let startedAt: number | undefined;
let collections: ReturnType<typeof watchCollections> | undefined;
/** Writing files while it is taken must not be seen by the patches of fs. */
const writeFile = writeFileSync;

export function isRecording(): boolean {
  return startedAt !== undefined;
}

export function now(): number {
  return performance.now();
}

export function nextRequest(): number {
  return ++lastRequest;
}

/** A span of the current request, or of none; recorded at once, so that one that never ends is seen too. */
export function beginSpan(
  kind: OpenSpan['kind'],
  name: string,
  more?: Partial<OpenSpan>,
): OpenSpan | undefined {
  const span = createSpan(kind, name, more);
  if (span !== undefined) spans.push(span);
  return span;
}

export function endSpan(span: OpenSpan | undefined, more?: Partial<OpenSpan>): void {
  if (span === undefined || span.to !== undefined || startedAt === undefined) return;
  span.to = now();
  if (more !== undefined) Object.assign(span, more);
}

function createSpan(kind: OpenSpan['kind'], name: string, more?: Partial<OpenSpan>): OpenSpan | undefined {
  if (startedAt === undefined) return undefined;
  if (spans.length >= MOST_SPANS) {
    dropped += 1;
    return undefined;
  }
  const span: OpenSpan = { id: ++lastId, kind, name, from: now() };
  const request = currentRequest();
  if (request !== undefined) {
    span.request = request.request;
    span.parent = request.span;
  }
  if (more !== undefined) Object.assign(span, more);
  return span;
}

/** A call that is worth a span within a request, or when it took long; not recorded before it ended. */
export function beginCall(kind: OpenSpan['kind'], name: string): OpenSpan | undefined {
  const span = createSpan(kind, name);
  // Unlike the others it may be looked at and thrown away.
  if (span?.request !== undefined) spans.push(span);
  return span;
}

export function endCall(span: OpenSpan | undefined, more?: Partial<OpenSpan>): void {
  if (span === undefined || startedAt === undefined) return;
  endSpan(span, more);
  if (span.request === undefined && now() - span.from >= SHORTEST_ALONE_MS) spans.push(span);
}

/** A span that is known only when it is over. */
export function addSpan(span: Omit<OpenSpan, 'id'> & { readonly to: number }): number | undefined {
  if (startedAt === undefined || span.from < startedAt) return undefined;
  if (spans.length >= MOST_SPANS) {
    dropped += 1;
    return undefined;
  }
  const id = ++lastId;
  spans.push({ id, ...span });
  return id;
}

export function startRecording(): void {
  spans = [];
  dropped = 0;
  startCallSites();
  startStatements();
  collections = watchCollections();
  startedAt = now();
  startRuns();
}

/** Writes what was recorded; false when nothing was being recorded. */
export function stopRecording(file: string): boolean {
  const fromMs = startedAt;
  if (fromMs === undefined) return false;
  const runs = takeRuns();
  const toMs = now();
  startedAt = undefined;
  const content: TracerFile = {
    version: 1,
    timeOriginMs: performance.timeOrigin,
    fromMs,
    toMs,
    dropped,
    poolThreads: countPoolThreads(process.env),
    spans,
    statements: takeStatements(),
    sites: takeCallSites(),
    runs,
    collections: collections?.close(fromMs) ?? [],
  };
  spans = [];
  collections = undefined;
  writeFile(file, JSON.stringify(content));
  return true;
}
