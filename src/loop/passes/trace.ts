import { analyzeTrace } from '../../core/trace/analyze.ts';
import type { Trace } from '../../core/trace/model.ts';
import { readTracer } from '../../core/trace/read-tracer.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { keepEvidence, relocate } from './keep-evidence.ts';
import type { Pass } from './pass.ts';

/** What requests did and waited for, recorded in a fresh process at a rate that it can bear. */
export const tracePass: Pass = {
  id: 'trace',
  doing: 'tracing requests',
  weight: 1,
  applies: ({ measurer }) => measurer.trace !== undefined,
  async run(context) {
    const { ports, measurer, sample, project } = context;
    const threads = (await measurer.trace?.(ports, sample)) ?? [];
    const { trace, unreadable } = readTracer(
      threads.map((thread) => ({ ...thread, content: relocate(context, thread.content) })),
    );
    const warnings = [
      ...(unreadable.length === 0 ? [] : [WARNINGS.unreadable_trace(unreadable.length)]),
      ...(trace.dropped === 0 ? [] : [WARNINGS.spans_dropped(trace.dropped, trace.spans.length)]),
    ];
    if (!trace.spans.some(({ kind }) => kind === 'request'))
      return { facts: {}, warnings: [...warnings, WARNINGS.no_requests_traced()] };
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
    });
    return { facts: { trace: analyzeTrace(trace, [project.directory]) }, evidence: [evidence], warnings };
  },
};

/** Parameters of statements are the data of the program's users: they go no further than this process. */
function withoutData(trace: Trace): Trace {
  return {
    ...trace,
    statements: trace.statements.map(({ samples: _, ...statement }) => statement),
  };
}
