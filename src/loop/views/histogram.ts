import { toLatencyBuckets } from '../../core/stats/latency-buckets.ts';
import { basisOfTrace, readTrace } from './trace-evidence.ts';
import type { View } from './view.ts';

/** Characters of the longest bar: an agent sees the shape without a picture. */
const LONGEST_BAR = 24;

/** How long the traced requests took: all of them, or those of a route. */
export const histogramView: View = {
  name: 'histogram',
  of: 'trace',
  async show(context, { filter }) {
    const analysis = await readTrace(context);
    const requests = analysis.requests.filter(
      ({ span }) => filter === undefined || span.name.toLowerCase().includes(filter.toLowerCase()),
    );
    const buckets = toLatencyBuckets(requests.map(({ durationUs }) => ({ ms: durationUs / 1000, count: 1 })));
    const most = Math.max(0, ...buckets.map(({ share }) => share));
    return {
      subject: filter ?? null,
      columns: [
        { key: 'from_ms', title: 'from', as: 'ms' },
        { key: 'to_ms', title: 'to', as: 'ms' },
        { key: 'count', title: 'requests', as: 'count' },
        { key: 'share', title: 'share', as: 'share' },
        { key: 'up_to', title: 'sum', as: 'share' },
        { key: 'bar', title: '', as: 'text' },
      ],
      rows: buckets.map(({ fromMs, toMs, count, share, upTo }) => ({
        from_ms: fromMs,
        to_ms: toMs,
        count,
        share,
        up_to: upTo,
        bar: '#'.repeat(Math.ceil((share / most) * LONGEST_BAR)),
      })),
      basis:
        filter === undefined ? basisOfTrace(analysis) : `${requests.length} of ${basisOfTrace(analysis)}`,
    };
  },
};
