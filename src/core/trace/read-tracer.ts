import type { ThreadTrace } from '../ports/target.ts';
import { foldUrl } from './fold-ids.ts';
import type { CallSite, Collection, Run, Span, Statement, Trace, TracedThread } from './model.ts';
import { normalizeStatement } from './normalize-statement.ts';
import type { RawSpan, RawStatement, TracerFile } from './tracer-file.ts';
import { tracerFileSchema } from './tracer-file.ts';

/** Sets of parameters that are kept of a shape, over all threads. */
const MOST_SAMPLES = 8;

export interface TracerReading {
  readonly trace: Trace;
  /** Threads whose file was not one of our tracer: the measured program can write there too. */
  readonly unreadable: readonly Pick<ThreadTrace, 'pid' | 'threadId'>[];
}

/** Makes one trace of what the threads of one target wrote. Threads in which nothing happened (npm, a loader) are left out. */
export function readTracer(threads: readonly ThreadTrace[]): TracerReading {
  const parsed = threads.map((thread) => ({ thread, file: parse(thread.content) }));
  const read = parsed.flatMap(({ thread, file }) =>
    file !== undefined && file.spans.length + file.runs.length > 0 ? [{ thread, file }] : [],
  );
  const beganMs = read.reduce(
    (earliest, { file }) => Math.min(earliest, file.timeOriginMs + file.fromMs),
    Infinity,
  );
  const statements = collectStatements(read.map(({ file }) => file));
  const sites = collectSites(read.map(({ file }) => file));
  const spans: Span[] = [];
  const runs: Run[] = [];
  const collections: Collection[] = [];
  const names: TracedThread[] = [];
  for (const [at, { thread, file }] of read.entries()) {
    const prefix = `${thread.pid}.${thread.threadId}.`;
    const toUs = (ms: number): number => Math.max(0, (file.timeOriginMs - beganMs + ms) * 1000);
    const { poolThreads } = file;
    names.push({
      name: nameThread(thread),
      service: String(thread.pid),
      ...(poolThreads === undefined ? {} : { poolThreads }),
    });
    const context: ThreadContext = {
      thread: at,
      prefix,
      toUs,
      statementOf: (index) => statements.indices[at]?.[index],
      nameOf: (index) => statements.texts[at]?.[index],
      siteOf: (index) => sites.indices[at]?.[index],
    };
    for (const raw of file.spans) spans.push(readSpan(raw, context));
    for (const [request, from, to] of file.runs) {
      runs.push({ trace: `${prefix}${request}`, thread: at, startUs: toUs(from), endUs: toUs(to) });
    }
    for (const [kind, from, to] of file.collections) {
      collections.push({ thread: at, kind, startUs: toUs(from), endUs: toUs(to) });
    }
  }
  return {
    trace: {
      spans: spans.sort((a, b) => a.startUs - b.startUs),
      statements: statements.all,
      sites: sites.all,
      runs,
      collections,
      threads: names,
      ...(Number.isFinite(beganMs) ? { beganAtMs: beganMs } : {}),
      dropped: read.reduce((sum, { file }) => sum + file.dropped, 0),
      producer: 'tracer',
    },
    unreadable: parsed.flatMap(({ thread, file }) =>
      file === undefined ? [{ pid: thread.pid, threadId: thread.threadId }] : [],
    ),
  };
}

function parse(content: string): TracerFile | undefined {
  try {
    return tracerFileSchema.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}

function nameThread({ pid, threadId }: Pick<ThreadTrace, 'pid' | 'threadId'>): string {
  return threadId === 0 ? `main of pid ${pid}` : `worker ${threadId} of pid ${pid}`;
}

interface ThreadContext {
  readonly thread: number;
  readonly prefix: string;
  readonly toUs: (ms: number) => number;
  readonly statementOf: (index: number) => number | undefined;
  readonly nameOf: (index: number) => string | undefined;
  readonly siteOf: (index: number) => number | undefined;
}

function readSpan(raw: RawSpan, context: ThreadContext): Span {
  const { prefix, toUs } = context;
  const site = raw.site === undefined ? undefined : context.siteOf(raw.site);
  const statement = raw.statement === undefined ? undefined : context.statementOf(raw.statement);
  const text = raw.statement === undefined ? undefined : context.nameOf(raw.statement);
  const startUs = toUs(raw.from);
  return {
    // Spans and requests are numbered apart.
    id: `${prefix}s${raw.id}`,
    ...(raw.parent === undefined ? {} : { parent: `${prefix}s${raw.parent}` }),
    ...(raw.request === undefined ? {} : { trace: `${prefix}${raw.request}` }),
    kind: raw.kind,
    name: text ?? nameSpan(raw),
    startUs,
    ...(raw.to === undefined ? {} : { endUs: Math.max(startUs, toUs(raw.to)) }),
    thread: context.thread,
    failed: raw.failed === true,
    ...(site === undefined ? {} : { site }),
    ...(statement === undefined ? {} : { statement }),
    ...(raw.input === undefined ? {} : { input: raw.input }),
    ...(raw.output === undefined ? {} : { output: raw.output }),
    ...(raw.rows === undefined ? {} : { rows: raw.rows }),
    ...(raw.bytes === undefined ? {} : { bytes: raw.bytes }),
    ...(raw.connection === undefined ? {} : { connection: `${prefix}${raw.connection}` }),
    ...(raw.transaction === undefined ? {} : { transaction: `${prefix}${raw.transaction}` }),
    ...(raw.status === undefined ? {} : { status: raw.status }),
    ...(raw.fresh === undefined ? {} : { freshConnection: true }),
  };
}

function nameSpan({ kind, name }: RawSpan): string {
  if (kind !== 'request' && kind !== 'outbound') return name;
  const space = name.indexOf(' ');
  return `${name.slice(0, space + 1)}${foldUrl(name.slice(space + 1))}`;
}

interface Collected<T> {
  readonly all: readonly T[];
  /** For each file, where its own indices lead. */
  readonly indices: readonly (readonly number[])[];
}

function collectStatements(
  files: readonly TracerFile[],
): Collected<Statement> & { readonly texts: readonly (readonly string[])[] } {
  const shapes = new Map<string, Shape>();
  const indices = files.map((file) =>
    file.statements.map((raw) => {
      const normalized = normalizeStatement(raw.text, raw.engine);
      const known = shapes.get(normalized.fingerprint);
      const shape: Shape = known ?? {
        at: shapes.size,
        engine: raw.engine,
        text: normalized.text,
        hasLiterals: false,
        raws: new Map(),
        samples: [],
        uses: [],
      };
      shapes.set(normalized.fingerprint, shape);
      shape.hasLiterals ||= normalized.hasLiterals;
      // A text that was cut cannot be asked with; it stands for more than one.
      const key = raw.isCut === true ? '' : raw.text;
      shape.raws.set(key, (shape.raws.get(key) ?? 0) + raw.executions);
      shape.samples.push(...(raw.samples ?? []));
      if (raw.use !== undefined) shape.uses.push(raw.use);
      return shape.at;
    }),
  );
  const all = [...shapes].map(([fingerprint, shape]) => readShape(fingerprint, shape));
  return { all, indices, texts: indices.map((file) => file.map((at) => all[at]?.text ?? '')) };
}

type RawUse = NonNullable<RawStatement['use']>;

interface Shape {
  readonly at: number;
  readonly engine: Statement['engine'];
  readonly text: string;
  hasLiterals: boolean;
  /** Executions of each text. */
  readonly raws: Map<string, number>;
  readonly samples: unknown[][];
  readonly uses: RawUse[];
}

function readShape(fingerprint: string, shape: Shape): Statement {
  const original = findOriginal(shape);
  const use = sumUses(shape.uses);
  return {
    fingerprint,
    text: shape.text,
    engine: shape.engine,
    ...(original === undefined ? {} : { original }),
    ...(shape.samples.length === 0 ? {} : { samples: shape.samples.slice(0, MOST_SAMPLES) }),
    ...(use === undefined ? {} : { use }),
  };
}

/**
 * Literals that are the same in every execution are the program's own ("status = 'open'"); those that differ, or were
 * seen once only, may be data of its users.
 */
function findOriginal({ engine, hasLiterals, raws }: Shape): string | undefined {
  if (engine === 'redis' || engine === 'mongodb') return undefined;
  const [first] = raws;
  if (first === undefined) return undefined;
  const [text, executions] = first;
  const isConstant = !hasLiterals || (raws.size === 1 && executions > 1);
  return isConstant && text !== '' ? text : undefined;
}

function sumUses(uses: readonly RawUse[]): Statement['use'] {
  if (uses.length === 0) return undefined;
  const union = (of: (use: RawUse) => readonly string[]): readonly string[] => [...new Set(uses.flatMap(of))];
  const sum = (of: (use: RawUse) => number): number => uses.reduce((total, use) => total + of(use), 0);
  return {
    columns: union((use) => use.columns),
    columnsRead: union((use) => use.columnsRead),
    rows: sum((use) => use.rows),
    rowsRead: sum((use) => use.rowsRead),
    executions: sum((use) => use.executions),
  };
}

function collectSites(files: readonly TracerFile[]): Collected<CallSite> {
  const known = new Map<string, number>();
  const all: CallSite[] = [];
  const indices = files.map((file) =>
    file.sites.map((site) => {
      const key = JSON.stringify(site);
      const at = known.get(key) ?? all.push(site) - 1;
      known.set(key, at);
      return at;
    }),
  );
  return { all, indices };
}
