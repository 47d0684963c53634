import { InputError } from '../../core/errors.ts';
import { chooseRequest, viewTimeline, type TimelineRow } from '../../core/trace/views.ts';
import { basisOfTrace, readTrace } from './trace-evidence.ts';
import type { Row, View } from './view.ts';

/** More rows than a page holds; the longest are kept. */
const MOST_ROWS = 200;

/** One request over time: the slowest, the one of median length, or the slowest of a route. */
export const requestView: View = {
  name: 'request',
  of: 'trace',
  async show(context, { filter = 'slowest' }) {
    const analysis = await readTrace(context);
    const choice = filter === 'slowest' || filter === 'median' ? filter : { name: filter };
    const request = chooseRequest(analysis, choice);
    if (request === undefined) {
      const names = [...new Set(analysis.requests.map(({ span }) => span.name))].slice(0, 8);
      throw new InputError('unknown_id', `The trace has no request "${filter}".`, {
        fix: `Use "slowest", "median" or a part of one of: ${names.join(', ')}.`,
      });
    }
    const timeline = viewTimeline(analysis, request, MOST_ROWS);
    const parts = timeline.parts.map(({ part, ms }) => `${part} ${ms.toPrecision(3)} ms`).join(', ');
    return {
      subject: `${timeline.name}, ${timeline.durationMs.toPrecision(3)} ms (${parts})`,
      columns: [
        { key: 'start_ms', title: 'start', as: 'ms' },
        { key: 'length_ms', title: 'length', as: 'ms' },
        { key: 'waited_ms', title: 'waited', as: 'ms' },
        { key: 'what', title: 'what', as: 'tree' },
        { key: 'site', title: 'asked by', as: 'name' },
      ],
      rows: timeline.rows.map(toRow),
      basis: basisOfTrace(analysis),
    };
  },
};

function toRow(row: TimelineRow): Row {
  const notes = [row.count > 1 ? `×${row.count}` : '', row.failed ? 'FAILED' : ''].filter(
    (note) => note !== '',
  );
  return {
    start_ms: row.startMs,
    length_ms: row.endMs - row.startMs,
    waited_ms: row.waitedMs,
    depth: row.depth,
    what: [row.kind, ...notes, row.label].join(' '),
    site: row.site,
  };
}
