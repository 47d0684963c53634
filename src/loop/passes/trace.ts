import { withLockShares } from '../../core/database/lock-shares.ts';
import { analyzeTrace, type TraceAnalysis } from '../../core/trace/analyze.ts';
import { traceFromOtlp } from '../../core/trace/from-otlp.ts';
import type { Trace } from '../../core/trace/model.ts';
import { readTracer } from '../../core/trace/read-tracer.ts';
import { chooseRequest, viewTimeline } from '../../core/trace/views.ts';
import type { Artifact } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { ThreadTrace } from '../../core/ports/target.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { lookAtDatabase } from './database.ts';
import { keepArtifact, keepEvidence, relocate } from './keep-evidence.ts';
import type { Pass, PassContext } from './pass.ts';

/** What requests did and waited for, recorded in a fresh process at a rate that it can bear, with the database watched. */
export const tracePass: Pass = {
  id: 'trace',
  doing: 'tracing requests',
  weight: 2,
  applies: ({ measurer }) => measurer.trace !== undefined,
  async run(context) {
    const { ran, activity, database } = await lookAtDatabase(context, () => record(context));
    const trace = withLockShares(ran.trace, activity);
    const warnings = [...ran.warnings, ...(database.warnings ?? [])];
    if (!hasRequests(trace)) return { facts: {}, warnings: [...warnings, WARNINGS.no_requests_traced()] };
    const roots = [context.project.directory];
    const analysis = analyzeTrace(trace, roots);
    const pictures = await drawTimeline(context, analysis);
    const evidence = await keepEvidence(context, {
      kind: 'trace',
      title: 'Trace of requests',
      artifacts: [
        {
          kind: 'trace',
          title: 'Trace of requests',
          mime_type: 'application/json',
          extension: 'json',
          content: JSON.stringify(withoutData(trace)),
        },
      ],
      pictures,
    });
    return {
      facts: {
        ...database.facts,
        trace: analysis,
        ...(ran.crowded === undefined ? {} : { crowded: analyzeTrace(ran.crowded, roots) }),
      },
      evidence: [evidence, ...(database.evidence ?? [])],
      pictures,
      warnings,
    };
  },
};

interface Recorded {
  readonly trace: Trace;
  /** Of our tracer alone: what programs send of themselves doesn't know the thread pool. */
  readonly crowded?: Trace;
  readonly warnings: readonly Warning[];
}

async function record(context: PassContext): Promise<Recorded> {
  const { ports, measurer, sample } = context;
  const captured = await measurer.trace?.(ports, sample);
  const { threads = [], crowded = [], spans = [], lost = 0 } = captured ?? {};
  const read = (files: readonly ThreadTrace[]) =>
    readTracer(files.map((thread) => ({ ...thread, content: relocate(context, thread.content) })));
  const traced = read(threads);
  // Our own sees more (when threads ran, call sites); what a program says of itself is for the languages that it is not in.
  if (hasRequests(traced.trace) || spans.length === 0) {
    const { trace, unreadable } = traced;
    return {
      trace,
      crowded: read(crowded).trace,
      warnings: [
        ...(unreadable.length === 0 ? [] : [WARNINGS.unreadable_trace(unreadable.length)]),
        ...(trace.dropped === 0 ? [] : [WARNINGS.spans_dropped(trace.dropped, trace.spans.length)]),
      ],
    };
  }
  const { trace, warnings } = traceFromOtlp(spans);
  return {
    trace: relocateSites(context, trace),
    warnings: [...warnings, ...(lost === 0 ? [] : [WARNINGS.spans_dropped(lost, spans.length)])],
  };
}

function hasRequests({ spans }: Trace): boolean {
  return spans.some(({ kind }) => kind === 'request');
}

function relocateSites(context: PassContext, trace: Trace): Trace {
  return {
    ...trace,
    sites: trace.sites.map((site) => ({ ...site, file: relocate(context, site.file) })),
  };
}

/** The slowest request: what a person wants to see of a tail. */
async function drawTimeline(context: PassContext, analysis: TraceAnalysis): Promise<readonly Artifact[]> {
  const request = chooseRequest(analysis, 'slowest');
  if (request === undefined) return [];
  const title = `Slowest request of ${context.workload.name}`;
  return [
    await keepArtifact(context, {
      kind: 'timeline-svg',
      title,
      mime_type: 'image/svg+xml',
      extension: 'svg',
      content: context.draw.timeline(viewTimeline(analysis, request), { title }),
    }),
  ];
}

/** Parameters of statements, and texts that may hold some, are data of the program's users: they go no further than this process. */
function withoutData(trace: Trace): Trace {
  return {
    ...trace,
    statements: trace.statements.map(({ samples: _, original: __, ...statement }) => statement),
  };
}
