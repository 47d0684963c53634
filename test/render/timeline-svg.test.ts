import { describe, expect, it } from 'vitest';
import { analyzeTrace } from '../../src/core/trace/analyze.ts';
import { viewTimeline } from '../../src/core/trace/views.ts';
import { renderTimeline } from '../../src/render/timeline-svg.ts';
import { traceBuilder } from '../support/trace-builder.ts';
import type { RequestBuilder } from '../support/trace-builder.ts';

function timelineOf(body: (request: RequestBuilder) => void, limit?: number) {
  const builder = traceBuilder();
  builder.requests(1, 'GET /feed', body);
  const analysis = analyzeTrace(builder.build(), ['/app']);
  const [request] = analysis.requests;
  if (request === undefined) throw new Error('no request');
  return viewTimeline(analysis, request, limit);
}

const body = (r: RequestBuilder) => {
  r.cpu(10);
  r.query('select 1', { ms: 20, site: 'list@/app/src/feed.js:1', failed: true });
  r.call('outbound', 'GET http://b/', { ms: 10 });
};

describe('renderTimeline', () => {
  it('draws calls to scale', () => {
    const svg = renderTimeline(timelineOf(body), { title: 'Slowest request', width: 1160 });
    // 800 px for 40 ms, from x = 350.
    expect(svg).toContain('<rect x="950" y="102" width="200" height="13" fill="#3f9d6b"/>');
    expect(svg).toContain('<rect x="550" y="84" width="400" height="13" fill="#4a7fc1"/>');
    expect(svg).toContain('<rect x="350" y="66" width="200" height="13" fill="#e8853d"/>');
    expect(svg).toContain('from list (src/feed.js:1)');
  });

  it('escapes what programs call things', () => {
    const svg = renderTimeline(
      timelineOf((r) => r.query('<script>alert("1")</script>\u0000&', { ms: 1, site: '<b>@/app/a.js:1' })),
      { title: '</title><script>' },
    );
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('<b>');
    expect(svg).not.toContain('\u0000');
    expect(svg).toContain('&lt;script&gt;');
  });

  it('stays a picture for a request without time', () => {
    const svg = renderTimeline(
      timelineOf(() => undefined),
      { title: 'x' },
    );
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg).toContain('when its code ran is not known');
  });
});
