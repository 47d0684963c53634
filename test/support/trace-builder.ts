import type {
  CallSite,
  Collection,
  Run,
  Span,
  SpanKind,
  Statement,
  Trace,
} from '../../src/core/trace/model.ts';

/** Options of one call; times in ms. */
export interface CallOptions {
  readonly ms: number;
  /** "authorOf@/app/src/feed.js:3", with its callers after " < ". */
  readonly site?: string;
  readonly input?: string;
  readonly output?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly connection?: string;
  readonly transaction?: string;
  readonly status?: number;
  readonly failed?: boolean;
  readonly freshConnection?: boolean;
  readonly engine?: Statement['engine'];
  readonly use?: Statement['use'];
  /** Made while this one goes on, and waited for by it. */
  readonly inside?: () => void;
}

/** What one request does, one thing after the other; what a call takes moves the clock. */
export interface RequestBuilder {
  readonly id: string;
  /** Runs JavaScript for it. */
  cpu(ms: number): void;
  /** Nothing that is watched. */
  pause(ms: number): void;
  call(kind: SpanKind, name: string, options: CallOptions): void;
  query(text: string, options: CallOptions): void;
  /** The thread is held, in a run of the request. */
  sync(name: string, options: CallOptions): void;
  /** All start now; the clock goes on when the last has ended. */
  parallel(...branches: readonly (() => void)[]): void;
}

export interface TraceBuilder {
  /** `times` requests, each starting `everyMs` after the one before (default: when it has ended). */
  requests(
    times: number,
    name: string,
    body: (request: RequestBuilder, index: number) => void,
    everyMs?: number,
  ): void;
  /** The thread runs for somebody else. */
  busy(startMs: number, ms: number): void;
  collect(startMs: number, ms: number, kind?: Collection['kind']): void;
  build(change?: Partial<Trace>): Trace;
}

export function traceBuilder(): TraceBuilder {
  const spans: Span[] = [];
  const statements: Statement[] = [];
  const sites: CallSite[] = [];
  const runs: Run[] = [];
  const collections: Collection[] = [];
  let clockMs = 0;
  let ids = 0;

  const statementIndex = (text: string, { engine, use }: CallOptions): number => {
    const found = statements.findIndex((statement) => statement.text === text);
    if (found >= 0) return found;
    statements.push({
      fingerprint: `fp-${statements.length + 1}`,
      text,
      engine: engine ?? 'postgres',
      ...(use === undefined ? {} : { use }),
    });
    return statements.length - 1;
  };
  const siteIndex = (place: string): number => {
    const [at = '', ...callers] = place.split(' < ');
    const [, name = at, file = '', line = '1'] = /^(.*)@(.*):(\d+)$/.exec(at) ?? [];
    const found = sites.findIndex(
      (site) =>
        site.function === name &&
        site.file === file &&
        site.line === Number(line) &&
        site.callers.join() === callers.join(),
    );
    if (found >= 0) return found;
    sites.push({ function: name, file, line: Number(line), column: 1, callers });
    return sites.length - 1;
  };

  const oneRequest = (
    name: string,
    index: number,
    body: (request: RequestBuilder, index: number) => void,
  ) => {
    const id = `r${++ids}`;
    const startMs = clockMs;
    const at = spans.length;
    let parent = id;
    const call = (kind: SpanKind, label: string, options: CallOptions) => {
      const { ms, site, inside, engine: _engine, use: _use, failed, ...rest } = options;
      const from = clockMs;
      const own = `s${++ids}`;
      const place = spans.length;
      spans.push({ id: own, kind: 'internal', name: '', startUs: 0, thread: 0, failed: false });
      const above = parent;
      parent = own;
      inside?.();
      parent = above;
      clockMs = Math.max(clockMs, from + ms);
      spans[place] = {
        id: own,
        parent: above,
        trace: id,
        kind,
        name: label,
        startUs: from * 1000,
        endUs: clockMs * 1000,
        thread: 0,
        failed: failed ?? false,
        ...rest,
        ...(site === undefined ? {} : { site: siteIndex(site) }),
        ...(kind === 'query' ? { statement: statementIndex(label, options) } : {}),
      };
    };
    const run = (ms: number) => {
      runs.push({ trace: id, thread: 0, startUs: clockMs * 1000, endUs: (clockMs + ms) * 1000 });
    };
    body(
      {
        id,
        cpu: (ms) => {
          run(ms);
          clockMs += ms;
        },
        pause: (ms) => {
          clockMs += ms;
        },
        call,
        query: (text, options) => {
          call('query', text, options);
        },
        sync: (label, options) => {
          run(options.ms);
          call('sync', label, options);
        },
        parallel: (...branches) => {
          const from = clockMs;
          let end = from;
          for (const branch of branches) {
            clockMs = from;
            branch();
            end = Math.max(end, clockMs);
          }
          clockMs = end;
        },
      },
      index,
    );
    spans.splice(at, 0, {
      id,
      trace: id,
      kind: 'request',
      name,
      startUs: startMs * 1000,
      endUs: clockMs * 1000,
      thread: 0,
      failed: false,
    });
  };

  return {
    requests: (times, name, body, everyMs) => {
      for (let index = 0; index < times; index++) {
        const startMs = clockMs;
        oneRequest(name, index, body);
        if (everyMs !== undefined) clockMs = startMs + everyMs;
      }
    },
    busy: (startMs, ms) => {
      runs.push({ trace: 'somebody', thread: 0, startUs: startMs * 1000, endUs: (startMs + ms) * 1000 });
    },
    collect: (startMs, ms, kind = 'minor') => {
      collections.push({ thread: 0, kind, startUs: startMs * 1000, endUs: (startMs + ms) * 1000 });
    },
    build: (change = {}) => ({
      spans: [...spans].sort((a, b) => a.startUs - b.startUs),
      statements,
      sites,
      runs,
      collections,
      threads: [{ name: 'main of pid 1', service: '1' }],
      dropped: 0,
      producer: 'tracer',
      ...change,
    }),
  };
}
