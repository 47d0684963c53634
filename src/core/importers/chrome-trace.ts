import type { Warning } from '../model/warning.ts';
import { mergeProfiles } from '../profile/merge.ts';
import type { ProfileOfThread } from '../profile/merge.ts';
import { WARNINGS } from '../warnings.ts';
import type { ProfileImporter } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { isArray, isObject, listOf, numberOr, textOr } from './json-shape.ts';
import type { Json } from './json-shape.ts';
import { refuse } from './refuse.ts';
import { convertCapture, readCapture } from './v8-capture.ts';
import type { V8Capture } from './v8-capture.ts';
import { readNodes } from './v8-nodes.ts';

/**
 * A trace of Chrome or Node.js ("Trace Event Format", array or object form), as far as it holds CPU profiles of V8: a
 * `Profile` event for each thread, then `ProfileChunk` events with new nodes (which name their parent), samples and time
 * deltas; or, of older DevTools, one `CpuProfile` event with everything. Timeline events are not read.
 *
 * The format allows the end to be missing, and a browser that was killed leaves it out: the events up to there count.
 */
export const chromeTrace: ProfileImporter = {
  id: 'chrome-trace',
  title: 'Chrome trace with CPU profiles (.json)',
  gives: 'profile',
  detect(source) {
    const trace = source.json();
    if (trace === undefined) return source.startsAsJson && looksLikeTrace(source.head);
    return findEvents(trace) !== undefined;
  },
  parse(source) {
    const { events, warnings } = readEvents(source);
    const captures = collectCaptures(events);
    if (captures.length === 0) {
      throw refuse(
        source,
        `is a trace of ${events.length} events without CPU profiles`,
        'Record it with the categories "v8" and "disabled-by-default-v8.cpu_profiler" (DevTools does in its Performance panel).',
      );
    }
    const sampled = captures.filter(({ capture }) => capture.samples.length > 0);
    if (sampled.length === 0) {
      throw refuse(
        source,
        'is a trace whose CPU profiles have no samples',
        'Record for longer while the page or program is busy.',
      );
    }
    const collected: Warning[] = [...warnings];
    const threads = sampled.map(({ thread, capture }): ProfileOfThread => {
      const converted = convertCapture(capture, source);
      collected.push(...converted.warnings);
      return { thread, profile: converted.profile };
    });
    return { profile: mergeProfiles(threads).profile, warnings: collected };
  },
};

function findEvents(trace: unknown): readonly unknown[] | undefined {
  const events = isObject(trace) ? trace.traceEvents : trace;
  if (!isArray(events)) return undefined;
  if (isObject(trace)) return events;
  const [first] = events;
  return isObject(first) && typeof first.ph === 'string' ? events : undefined;
}

function looksLikeTrace(head: string): boolean {
  return /^\s*(\[\s*\{|\{\s*[^[]*"traceEvents"\s*:\s*\[)/.test(head) && /"ph"\s*:\s*"/.test(head);
}

function readEvents(source: ImportSource): {
  readonly events: readonly Json[];
  readonly warnings: readonly Warning[];
} {
  const whole = findEvents(source.json());
  if (whole !== undefined) return { events: whole.filter(isObject), warnings: [] };
  const events = recoverEvents(source);
  if (events === undefined) {
    throw refuse(source, 'is a trace that is cut off before its first event ends', 'Record it again.');
  }
  return {
    events: events.filter(isObject),
    warnings: [WARNINGS.import_cut_off(`${events.length} events of the trace are complete.`)],
  };
}

/** Events all begin with the same member, so that the last one that begins is where the file was cut. */
function recoverEvents(source: ImportSource): readonly unknown[] | undefined {
  const text = source.text();
  const start = text.indexOf('[');
  const opening = /\{\s*"[^"]*"\s*:/.exec(text.slice(start, start + 1000))?.[0];
  if (opening === undefined) return undefined;
  const parse = (body: string): readonly unknown[] | undefined => {
    try {
      const parsed: unknown = JSON.parse(`${body.replace(/,\s*$/, '')}]`);
      return isArray(parsed) ? parsed : undefined;
    } catch {
      return undefined;
    }
  };
  // Only the closing bracket is missing, as the format allows.
  const complete = parse(text.slice(start).trimEnd());
  if (complete !== undefined) return complete;
  const last = text.lastIndexOf(opening);
  return last <= start ? undefined : parse(text.slice(start, last).trimEnd());
}

interface CaptureOfThread {
  readonly thread: string;
  readonly capture: V8Capture;
}

interface OpenCapture {
  readonly thread: string;
  readonly nodes: unknown[];
  readonly samples: unknown[];
  readonly timeDeltas: unknown[];
}

function collectCaptures(events: readonly Json[]): readonly CaptureOfThread[] {
  const names = new Map<string, string>();
  for (const { name, pid, tid, args } of events) {
    if (name === 'thread_name' && isObject(args))
      names.set(`${String(pid)}:${String(tid)}`, textOr(args.name, ''));
  }
  const threadOf = ({ pid, tid }: Json) => {
    const name = names.get(`${String(pid)}:${String(tid)}`);
    return `${name === undefined || name === '' ? `thread ${String(tid)}` : name} of pid ${String(pid)}`;
  };
  const open = new Map<string, OpenCapture>();
  const found: CaptureOfThread[] = [];
  for (const event of events) {
    const data = isObject(event.args) && isObject(event.args.data) ? event.args.data : undefined;
    if (data === undefined) continue;
    if (event.name === 'CpuProfile') {
      const capture = readCapture(data.cpuProfile);
      if (capture !== undefined) found.push({ thread: threadOf(event), capture });
      continue;
    }
    if (event.name !== 'Profile' && event.name !== 'ProfileChunk') continue;
    const key = `${String(event.pid)}:${String(event.id)}`;
    const capture = open.get(key) ?? { thread: threadOf(event), nodes: [], samples: [], timeDeltas: [] };
    open.set(key, capture);
    // Chunks come from the sampler's thread; the profile's own event comes from the sampled one.
    if (event.name === 'Profile') open.set(key, { ...capture, thread: threadOf(event) });
    const chunk = isObject(data.cpuProfile) ? data.cpuProfile : {};
    for (const node of listOf(chunk.nodes)) capture.nodes.push(node);
    for (const sample of listOf(chunk.samples)) capture.samples.push(sample);
    for (const delta of listOf(data.timeDeltas ?? chunk.timeDeltas)) capture.timeDeltas.push(delta);
  }
  for (const { thread, ...capture } of open.values())
    if (capture.nodes.length > 0) {
      const { nodes, timeDeltas } = capture;
      found.push({
        thread,
        capture: { ...capture, nodes: readNodes(nodes), durationUs: sum(timeDeltas) },
      });
    }
  return found;
}

function sum(values: readonly unknown[]): number {
  return values.reduce<number>((all, value) => all + Math.max(0, numberOr(value, 0)), 0);
}
