import { createHash } from 'node:crypto';
import type { Warning } from '../model/warning.ts';
import { WARNINGS } from '../warnings.ts';
import { foldUrl } from './fold-ids.ts';
import type { CallSite, Span, SpanKind, Statement, Trace, TracedThread } from './model.ts';
import { normalizeStatement } from './normalize-statement.ts';
import type { Engine } from './normalize-statement.ts';
import { OTLP_CLIENT, OTLP_CONSUMER, OTLP_ERROR, OTLP_SERVER } from './otlp-span.ts';
import type { OtlpAttributes, OtlpSpan } from './otlp-span.ts';

/**
 * Spans of OpenTelemetry as our trace. The attributes are those of its semantic conventions, in today's names and in those
 * before 1.21 (http.method, db.statement), which most services still send:
 * https://opentelemetry.io/docs/specs/semconv/. Links are not followed. Clocks, missing parents and work after the answer
 * are left to the analysis, which handles them for every producer.
 */
export function traceFromOtlp(given: readonly OtlpSpan[]): {
  readonly trace: Trace;
  readonly warnings: readonly Warning[];
} {
  const spans = new Map<string, OtlpSpan>();
  let invalid = 0;
  for (const span of given) {
    // An exporter that got no answer sends a batch again.
    if (span.traceId === '' || span.spanId === '' || span.startNs <= 0n) invalid += 1;
    else spans.set(idOf(span.traceId, span.spanId), span);
  }
  const sorted = [...spans.values()].sort((a, b) =>
    a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0,
  );
  const beganNs = sorted[0]?.startNs ?? 0n;
  const roots = findRequestRoots(sorted, spans);
  const tables = createTables();
  return {
    trace: {
      spans: sorted.map((span) => convert(span, roots.has(span), beganNs, tables)),
      statements: tables.statements,
      sites: tables.sites,
      runs: [],
      collections: [],
      threads: tables.threads,
      dropped: 0,
      producer: 'otlp',
    },
    warnings: invalid > 0 ? [WARNINGS.spans_invalid(invalid)] : [],
  };
}

function idOf(traceId: string, spanId: string): string {
  return `${traceId}-${spanId}`;
}

/**
 * What stands for the request where no server span does: a job, a script, a message that was consumed. A call that nobody
 * asked for (a lonely statement at start-up) is none.
 */
function findRequestRoots(
  sorted: readonly OtlpSpan[],
  byId: ReadonlyMap<string, OtlpSpan>,
): ReadonlySet<OtlpSpan> {
  const served = new Set(sorted.filter(({ kind }) => kind === OTLP_SERVER).map(({ traceId }) => traceId));
  const parents = new Set(sorted.map(({ traceId, parentSpanId }) => idOf(traceId, parentSpanId)));
  return new Set(
    sorted.filter(
      (span) =>
        !served.has(span.traceId) &&
        !byId.has(idOf(span.traceId, span.parentSpanId)) &&
        (span.kind === OTLP_CONSUMER ||
          (span.kind !== OTLP_CLIENT && parents.has(idOf(span.traceId, span.spanId)))),
    ),
  );
}

interface Tables {
  readonly statements: Statement[];
  readonly sites: CallSite[];
  readonly threads: TracedThread[];
  readonly statementOf: (
    raw: string,
    engine: Engine,
  ) => { readonly index: number; readonly hasLiterals: boolean };
  readonly siteOf: (site: CallSite) => number;
  readonly threadOf: (resource: OtlpAttributes) => number;
}

function createTables(): Tables {
  const statements: Statement[] = [];
  const sites: CallSite[] = [];
  const threads: TracedThread[] = [];
  const shapes = new Map<string, { readonly index: number; readonly hasLiterals: boolean }>();
  const byFingerprint = new Map<string, number>();
  const places = new Map<string, number>();
  const services = new Map<string, number>();
  return {
    statements,
    sites,
    threads,
    statementOf(raw, engine) {
      const key = `${engine}\n${raw}`;
      const known = shapes.get(key);
      if (known !== undefined) return known;
      const { text, fingerprint, hasLiterals } = normalizeStatement(raw, engine);
      const index = byFingerprint.get(fingerprint) ?? statements.length;
      if (index === statements.length) {
        statements.push({ fingerprint, text, engine, ...(hasLiterals ? {} : { original: raw }) });
        byFingerprint.set(fingerprint, index);
      }
      const made = { index, hasLiterals };
      shapes.set(key, made);
      return made;
    },
    siteOf(site) {
      const key = `${site.file}:${site.line}:${site.column}:${site.function}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, sites.length);
      return sites.push(site) - 1;
    },
    threadOf(resource) {
      const service = textOf(resource, 'service.name') ?? 'unknown service';
      const instance = textOf(resource, 'service.instance.id', 'process.pid') ?? '';
      const key = `${service}\n${instance}`;
      const known = services.get(key);
      if (known !== undefined) return known;
      services.set(key, threads.length);
      const language = textOf(resource, 'telemetry.sdk.language');
      return (
        threads.push({ name: language === undefined ? service : `${service} (${language})`, service }) - 1
      );
    },
  };
}

function convert(span: OtlpSpan, isRequest: boolean, beganNs: bigint, tables: Tables): Span {
  const { attributes } = span;
  const kind = isRequest ? 'request' : kindOf(span);
  const startUs = Number(span.startNs - beganNs) / 1000;
  const endUs = span.endNs < span.startNs ? undefined : Number(span.endNs - beganNs) / 1000;
  const raw = kind === 'query' ? statementText(span) : undefined;
  const statement = raw === undefined ? undefined : tables.statementOf(raw, engineOf(attributes));
  const site = siteOf(attributes);
  const input =
    raw !== undefined && statement !== undefined
      ? inputOfQuery(raw, statement.hasLiterals, attributes)
      : kind === 'outbound'
        ? hash(`${methodOf(attributes) ?? ''} ${fullUrl(attributes) ?? span.name}`)
        : undefined;
  const status = numberOf(attributes, 'http.response.status_code', 'http.status_code');
  const rows = numberOf(attributes, 'db.response.returned_rows', 'db.row_count');
  const bytes = numberOf(attributes, 'http.response.body.size', 'http.response_content_length');
  return {
    id: idOf(span.traceId, span.spanId),
    ...(span.parentSpanId === '' ? {} : { parent: idOf(span.traceId, span.parentSpanId) }),
    trace: span.traceId,
    kind,
    name:
      statement === undefined ? nameOf(span, kind) : (tables.statements[statement.index]?.text ?? span.name),
    startUs,
    ...(endUs === undefined ? {} : { endUs }),
    thread: tables.threadOf(span.resource),
    failed: span.statusCode === OTLP_ERROR || (status !== undefined && status >= 500),
    ...(site === undefined ? {} : { site: tables.siteOf(site) }),
    ...(statement === undefined ? {} : { statement: statement.index }),
    ...(input === undefined ? {} : { input }),
    ...(rows === undefined ? {} : { rows }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(status === undefined ? {} : { status }),
  };
}

// ---- kinds and names -------------------------------------------------------------------------------------------

/** Names of spans that the instrumentations of Node.js give to what is neither HTTP nor a statement. */
const KIND_BY_NAME: readonly (readonly [RegExp, SpanKind])[] = [
  [/^pg-pool\.connect\b|^pool\.(acquire|connect|getConnection)\b/i, 'pool-wait'],
  [/^(pg|tcp|tls|ipc)\.connect\b|^connect$/i, 'connect'],
  [/^dns\./, 'dns'],
  [/^fs \w+Sync$/, 'sync'],
  [/^fs /, 'file'],
];

function kindOf({ kind, name, attributes }: OtlpSpan): SpanKind {
  if (kind === OTLP_SERVER) return 'request';
  const byName = KIND_BY_NAME.find(([pattern]) => pattern.test(name));
  if (byName !== undefined) return byName[1];
  if (kind !== OTLP_CLIENT) return 'internal';
  if (attributes.has('db.system.name') || attributes.has('db.system')) return 'query';
  // gRPC and other calls between services wait for an answer just as HTTP does.
  return methodOf(attributes) !== undefined ||
    attributes.has('rpc.system') ||
    attributes.has('server.address')
    ? 'outbound'
    : 'internal';
}

function nameOf({ name, attributes }: OtlpSpan, kind: SpanKind): string {
  const method = methodOf(attributes);
  if (method === undefined || (kind !== 'request' && kind !== 'outbound')) return name;
  if (kind === 'outbound') return `${method} ${foldUrl(fullUrl(attributes) ?? name)}`;
  const path =
    textOf(attributes, 'http.route') ??
    textOf(attributes, 'url.path', 'http.target') ??
    pathOfUrl(attributes);
  return path === undefined ? name : `${method} ${foldUrl(path.startsWith('/') ? path : `/${path}`)}`;
}

function methodOf(attributes: OtlpAttributes): string | undefined {
  return textOf(attributes, 'http.request.method', 'http.method');
}

function pathOfUrl(attributes: OtlpAttributes): string | undefined {
  const url = textOf(attributes, 'url.full', 'http.url');
  return url === undefined ? undefined : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/';
}

function fullUrl(attributes: OtlpAttributes): string | undefined {
  const url = textOf(attributes, 'url.full', 'http.url');
  if (url !== undefined) return url;
  const host = textOf(attributes, 'server.address', 'net.peer.name', 'http.host', 'peer.service');
  if (host === undefined) return undefined;
  const port = numberOf(attributes, 'server.port', 'net.peer.port');
  const scheme = textOf(attributes, 'url.scheme', 'http.scheme', 'rpc.system') ?? 'http';
  const path = textOf(attributes, 'url.path', 'http.target', 'rpc.method') ?? '';
  const at = port === undefined || host.includes(':') ? host : `${host}:${port}`;
  return `${scheme}://${at}${path === '' || path.startsWith('/') ? path : `/${path}`}`;
}

// ---- statements ------------------------------------------------------------------------------------------------

const ENGINES: ReadonlyMap<string, Engine> = new Map([
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['sqlite', 'sqlite'],
  ['redis', 'redis'],
  ['mongodb', 'mongodb'],
]);

function engineOf(attributes: OtlpAttributes): Engine {
  return ENGINES.get(textOf(attributes, 'db.system.name', 'db.system') ?? '') ?? 'other';
}

/** Without a text (it is off in some SDKs), what the conventions call a summary: "SELECT posts". */
function statementText({ name, attributes }: OtlpSpan): string {
  const text = textOf(attributes, 'db.query.text', 'db.statement', 'db.query.summary');
  if (text !== undefined && text.trim() !== '') return text;
  const operation = textOf(attributes, 'db.operation.name', 'db.operation');
  const table = textOf(attributes, 'db.collection.name', 'db.sql.table', 'db.mongodb.collection');
  return operation === undefined ? name : table === undefined ? operation : `${operation} ${table}`;
}

/**
 * What the statement was asked with. Undefined when its text has placeholders and the values were not sent: two such
 * executions may be equal or not.
 */
function inputOfQuery(raw: string, hasLiterals: boolean, attributes: OtlpAttributes): string | undefined {
  const parameters = [...attributes]
    .filter(([key]) =>
      /^db\.(query|operation)\.parameter\.|^db\.statement\.parameters$|^db\.postgresql\.values$/.test(key),
    )
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (parameters.length > 0) return hash(JSON.stringify([raw, parameters]));
  return hasLiterals || !PLACEHOLDER.test(raw) ? hash(raw) : undefined;
}

/** $1 of PostgreSQL, ? of MySQL and sanitizers, :name, @name, and %s and %(name)s of Python's drivers. */
const PLACEHOLDER = /\$\d|\?|(?<![:\w]):[a-z_]\w*|@\w+|%s|%\(\w+\)s/i;

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

// ---- attributes ------------------------------------------------------------------------------------------------

function siteOf(attributes: OtlpAttributes): CallSite | undefined {
  const file = textOf(attributes, 'code.file.path', 'code.filepath');
  if (file === undefined) return undefined;
  const name = textOf(attributes, 'code.function.name', 'code.function');
  return {
    function: name ?? '(unknown)',
    file,
    line: numberOf(attributes, 'code.line.number', 'code.lineno') ?? 1,
    column: numberOf(attributes, 'code.column.number', 'code.column') ?? 1,
    callers: [],
  };
}

/** Of the first key that is there; numbers and flags as text. */
function textOf(attributes: OtlpAttributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

function numberOf(attributes: OtlpAttributes, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return undefined;
}
