import type { Location } from '../model/evidence.ts';
import type { Span } from '../trace/model.ts';
import type { TraceAnalysis } from '../trace/analyze.ts';
import type { Confidence } from './finding.ts';

/** Fewer complete requests say nothing of where the time of a request goes. */
const MIN_REQUESTS = 10;

export function hasEnoughRequests(trace: TraceAnalysis | undefined): trace is TraceAnalysis {
  return trace !== undefined && trace.requests.length >= MIN_REQUESTS && trace.totalUs > 0;
}

const ENOUGH_FOR_HIGH = 100;
const ENOUGH_FOR_MEDIUM = 30;

const LEVELS = ['low', 'medium', 'high'] as const;

/**
 * By the number of requests, at most `most`. A trace of which much is missing is never more than medium, nor is what only a
 * few of its requests show.
 *
 * @param counted requests that it takes to be worth a finding
 */
export function judgeTrace(
  trace: TraceAnalysis,
  counted: number,
  { most, reason }: { readonly most: Confidence['level']; readonly reason: string },
): Confidence {
  const n = trace.requests.length;
  const byCount = n >= ENOUGH_FOR_HIGH ? 'high' : n >= ENOUGH_FOR_MEDIUM ? 'medium' : 'low';
  const byCounted = counted >= ENOUGH_FOR_MEDIUM ? 'high' : counted >= MIN_REQUESTS ? 'medium' : 'low';
  const { dropped, unendedRequests, orphans } = trace.gaps;
  const kept = trace.trace.spans.length;
  const gaps = dropped > kept || unendedRequests > n || orphans > kept / 4;
  const limits: readonly Confidence['level'][] = [most, byCount, byCounted, gaps ? 'medium' : 'high'];
  const level = LEVELS[Math.min(...limits.map((limit) => LEVELS.indexOf(limit)))] ?? 'low';
  return {
    level,
    reason: `${n} traced requests${counted < n ? `, of which ${counted} show it` : ''}; ${reason}${gaps ? '; much of the trace is missing' : ''}`,
  };
}

/** Where the project's own code asked for it, and what it asked for. Of several calls, the first with a known place. */
export function locateCalls(trace: TraceAnalysis, calls: Iterable<Span>): Location {
  let site;
  let first: Span | undefined;
  for (const call of calls) {
    first ??= call;
    site = trace.siteOf(call);
    if (site !== undefined) break;
  }
  const statement = first && trace.statementOf(first);
  return {
    ...(site === undefined
      ? {}
      : {
          function: site.function,
          file: site.shownFile,
          line: site.line,
          ...(site.package === undefined ? {} : { package: site.package }),
        }),
    ...(statement === undefined ? {} : { statement: statement.text, fingerprint: statement.fingerprint }),
    ...(first?.kind === 'outbound' ? { url: first.name } : {}),
  };
}

/** " from authorOf (src/feed.js:3)", or nothing. */
export function fromPlace({ function: name, file, line }: Location): string {
  if (name === undefined) return '';
  return ` from ${name}${file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`}`;
}

const SHOWN_CHARACTERS = 60;

/** "select * from users where id = ?", or "GET http://localhost:9000/users/{id}"; cut for a title. */
export function nameOfCall(trace: TraceAnalysis, call: Span): string {
  const text = (trace.statementOf(call)?.text ?? call.name).replaceAll(/\s+/g, ' ').trim();
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

/** "30", "1.5" */
export function countText(count: number): string {
  return count >= 10 ? String(Math.round(count)) : String(Math.round(count * 10) / 10);
}

/** "120 ms", "3.4 ms" */
export function msText(us: number): string {
  const ms = us / 1000;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}
