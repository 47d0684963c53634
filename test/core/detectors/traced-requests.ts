import { DETECTORS, detectBottlenecks } from '../../../src/core/detectors/index.ts';
import type { DetectorInput, Finding } from '../../../src/core/detectors/index.ts';
import { analyzeTrace } from '../../../src/core/trace/analyze.ts';
import { traceBuilder } from '../../support/trace-builder.ts';
import type { RequestBuilder, TraceBuilder } from '../../support/trace-builder.ts';
import type { Stack } from '../profile/tiny-profile.ts';
import { FLAT, profiledInput } from './detector-input.ts';

/** A service without a hot spot, and what its requests did. */
export function tracedInput(builder: TraceBuilder, stacks: readonly Stack[] = FLAT): DetectorInput {
  return profiledInput(stacks, {
    trace: analyzeTrace(builder.build(), ['/app']),
    metrics: ['latency_p95_ms'],
  });
}

export type Body = (request: RequestBuilder, index: number) => void;

interface Load {
  readonly times?: number;
  readonly everyMs?: number;
}

/** What is found in requests that do this. */
export function find(body: Body, load: Load = {}): readonly Finding[] {
  return detectBottlenecks(inputOf(body, load));
}

/** What one detector says by itself, before findings are joined. */
export function only(kind: string, body: Body, load: Load = {}): readonly Finding[] {
  return detectBottlenecks(
    inputOf(body, load),
    DETECTORS.filter(({ id }) => id === kind),
  );
}

function inputOf(body: Body, { times = 120, everyMs }: Load): DetectorInput {
  const builder = traceBuilder();
  builder.requests(times, 'GET /feed', body, everyMs);
  return tracedInput(builder);
}

export const AUTHOR = 'select * from users where id = ?';
export const POSTS = 'select * from posts order by id limit ?';

/** One question for each of so many authors. */
export function askAuthors(r: RequestBuilder, count: number, index: number): void {
  for (let i = 0; i < count; i++) {
    r.query(AUTHOR, {
      ms: 1,
      input: `user ${index * 7 + i}`,
      site: 'authorOf@/app/src/feed.js:3',
      connection: 'c1',
    });
    r.cpu(0.1);
  }
}
