import type { TraceAnalysis } from '../../core/trace/analyze.ts';
import { viewOutbound, viewStatements, type CallSummary } from '../../core/trace/views.ts';
import { basisOfTrace, readTrace } from './trace-evidence.ts';
import type { View } from './view.ts';

function callsView(name: string, list: (analysis: TraceAnalysis) => readonly CallSummary[]): View {
  return {
    name,
    of: 'trace',
    async show(context, { filter }) {
      const analysis = await readTrace(context);
      const wanted = filter?.toLowerCase();
      const calls = list(analysis).filter(
        ({ label, site, fingerprint }) =>
          wanted === undefined ||
          fingerprint === wanted ||
          `${label} ${site ?? ''}`.toLowerCase().includes(wanted),
      );
      return {
        subject: filter ?? null,
        columns: [
          { key: 'share', title: 'share', as: 'share' },
          { key: 'calls', title: 'calls', as: 'count' },
          { key: 'per_request', title: '/request', as: 'count' },
          { key: 'mean_ms', title: 'mean', as: 'ms' },
          { key: 'p95_ms', title: 'p95', as: 'ms' },
          { key: 'rows', title: 'rows', as: 'count' },
          { key: 'what', title: 'what', as: 'name' },
          { key: 'site', title: 'asked by', as: 'name' },
        ],
        rows: calls.map((call) => ({
          share: call.share,
          calls: call.calls,
          per_request: call.perRequest,
          mean_ms: call.meanMs,
          p95_ms: call.p95Ms,
          rows: call.meanRows,
          failed: call.failed,
          fresh_connections: call.freshConnections,
          fingerprint: call.fingerprint,
          what: call.label,
          site: call.site,
        })),
        basis: basisOfTrace(analysis),
      };
    },
  };
}

/** By the time that went to them in total. */
export const statementsView = callsView('statements', viewStatements);
export const outboundView = callsView('outbound', viewOutbound);
