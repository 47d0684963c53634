import type { Span, Trace } from './model.ts';

/** A span in its request. Times are corrected for clocks that disagree and may differ from the span's own. */
export interface TracedSpan {
  readonly span: Span;
  /** In `spans` of its request. */
  readonly index: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly parent: TracedSpan | undefined;
  /** In order of their start. */
  readonly children: readonly TracedSpan[];
  /** 0 for what the request asked for itself. */
  readonly depth: number;
  /** It went on after its request was answered, so nobody waited for it. */
  readonly background: boolean;
}

/** One complete request with everything that it asked for and that ended. */
export interface RequestTree {
  readonly trace: string;
  readonly span: Span;
  /** Parents before children, siblings in order of their start. */
  readonly spans: readonly TracedSpan[];
}

/** What of a trace could not be used as it is; each is a count of spans. */
export interface TraceGaps {
  /** Requests that didn't end while the trace was taken; their spans are left out. */
  readonly unendedRequests: number;
  /** Other spans that never ended. What stands below them is kept, one level higher. */
  readonly unended: number;
  /** Their parent was not kept: they stand directly below their request. */
  readonly orphans: number;
  /** Of no request: a timer, start-up, a request that is missing. */
  readonly outside: number;
  /** Of another service, outside of their parent: its clock disagrees, and they were moved into it. */
  readonly skewed: number;
  readonly background: number;
  /** Seen by the producer and not kept. */
  readonly dropped: number;
}

interface Node {
  readonly span: Span;
  index: number;
  startUs: number;
  endUs: number;
  parent: Node | undefined;
  readonly children: Node[];
  depth: number;
  background: boolean;
}

/**
 * Spans grown into requests. A request that another one of the same trace asked for (a second service) is a span of that
 * one: its time is counted once.
 */
export function growRequests(trace: Trace): {
  readonly requests: readonly RequestTree[];
  readonly gaps: TraceGaps;
} {
  const gaps = {
    unendedRequests: 0,
    unended: 0,
    orphans: 0,
    outside: 0,
    skewed: 0,
    background: 0,
    dropped: trace.dropped,
  };
  const requests: RequestTree[] = [];
  for (const [id, spans] of groupByTrace(trace.spans)) {
    const byId = new Map(spans.map((span) => [span.id, span]));
    const [root, ...others] = spans.filter(
      (span) => span.kind === 'request' && (span.parent === undefined || !byId.has(span.parent)),
    );
    if (root === undefined) {
      gaps.outside += spans.length;
    } else if (root.endUs === undefined) {
      gaps.unendedRequests += 1;
      gaps.outside += spans.length - 1;
    } else {
      // Several roots under one id (a caller that wasn't traced asked twice): the later ones stand below the first.
      gaps.orphans += others.length;
      requests.push({ trace: id, span: root, spans: grow(root, root.endUs, spans, byId, trace, gaps) });
    }
  }
  gaps.outside += trace.spans.reduce((sum, span) => sum + Number(traceOf(span) === undefined), 0);
  return { requests: requests.sort((a, b) => a.span.startUs - b.span.startUs), gaps };
}

function traceOf(span: Span): string | undefined {
  return span.trace ?? (span.kind === 'request' ? span.id : undefined);
}

function groupByTrace(spans: readonly Span[]): ReadonlyMap<string, readonly Span[]> {
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    const id = traceOf(span);
    if (id === undefined) continue;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [span]);
    else group.push(span);
  }
  return groups;
}

function grow(
  root: Span,
  rootEndUs: number,
  spans: readonly Span[],
  byId: ReadonlyMap<string, Span>,
  trace: Trace,
  gaps: { unended: number; orphans: number; skewed: number; background: number },
): readonly TracedSpan[] {
  const nodes = new Map<string, Node>();
  for (const span of spans) {
    if (span.endUs === undefined) {
      gaps.unended += 1;
    } else {
      nodes.set(span.id, {
        span,
        index: 0,
        startUs: span.startUs,
        endUs: Math.max(span.startUs, span.endUs),
        parent: undefined,
        children: [],
        depth: 0,
        background: false,
      });
    }
  }
  const top: Node = {
    span: root,
    index: -1,
    startUs: root.startUs,
    endUs: rootEndUs,
    parent: undefined,
    children: [],
    depth: -1,
    background: false,
  };
  nodes.set(root.id, top);
  for (const node of nodes.values()) {
    if (node === top) continue;
    const parent = findParent(node.span, nodes, byId);
    if (parent === undefined && node.span.parent !== undefined) gaps.orphans += 1;
    node.parent = parent ?? top;
    node.parent.children.push(node);
  }
  gaps.orphans += untie(top, nodes);
  return order(top, trace, gaps);
}

/** The nearest span above that ended. */
function findParent(
  span: Span,
  nodes: ReadonlyMap<string, Node>,
  byId: ReadonlyMap<string, Span>,
): Node | undefined {
  const seen = new Set<string>();
  let id = span.parent;
  while (id !== undefined && !seen.has(id)) {
    const node = nodes.get(id);
    if (node !== undefined) return node.span === span ? undefined : node;
    seen.add(id);
    id = byId.get(id)?.parent;
  }
  return undefined;
}

/** Spans that name each other as parents are not below the request: each of them is put there. Returns how many. */
function untie(top: Node, nodes: ReadonlyMap<string, Node>): number {
  const reached = new Set<Node>([top]);
  // A set may grow while it is walked: what is added comes at its end.
  for (const node of reached) for (const child of node.children) reached.add(child);
  const tied = [...nodes.values()].filter((node) => !reached.has(node));
  for (const node of tied) {
    node.children.length = 0;
    node.parent = top;
    top.children.push(node);
  }
  return tied.length;
}

/** Walks down from the request: corrects clocks on the way, and leaves parents before children. */
function order(top: Node, trace: Trace, gaps: { skewed: number; background: number }): readonly TracedSpan[] {
  const ordered: Node[] = [];
  const pending: { readonly node: Node; readonly shiftUs: number }[] = [{ node: top, shiftUs: 0 }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { node, shiftUs } = item;
    if (node !== top) ordered.push(node);
    node.children.sort((a, b) => b.startUs - a.startUs || (a.span.id < b.span.id ? 1 : -1));
    for (const child of node.children) {
      child.depth = node.depth + 1;
      const shift = adjust(child, node, shiftUs, trace, gaps);
      child.background = node.background || child.endUs > top.endUs;
      if (child.background) gaps.background += 1;
      pending.push({ node: child, shiftUs: shift });
    }
    node.children.reverse();
  }
  for (const [index, node] of ordered.entries()) {
    node.index = index;
    if (node.parent === top) node.parent = undefined;
  }
  return ordered;
}

/**
 * A span of another service that lies outside of the one that asked for it was timed by another clock. As Jaeger does, it
 * is moved to the middle of its parent, with everything that the same service did below it; if it is longer than its
 * parent, it is cut to it. What one clock timed may well outlive its parent, and stays.
 *
 * @returns by how much the spans below, of the same service, have to be moved
 */
function adjust(
  child: Node,
  parent: Node,
  shiftUs: number,
  { threads, producer }: Trace,
  gaps: { skewed: number },
): number {
  const serviceOf = ({ span }: Node) => threads[span.thread]?.service;
  if (serviceOf(child) === serviceOf(parent)) {
    child.startUs += shiftUs;
    child.endUs += shiftUs;
    return shiftUs;
  }
  const within = child.startUs >= parent.startUs && child.endUs <= parent.endUs;
  if (within || producer === 'tracer') return 0;
  gaps.skewed += 1;
  const room = parent.endUs - parent.startUs;
  const duration = child.endUs - child.startUs;
  const shift = parent.startUs + Math.max(0, room - duration) / 2 - child.startUs;
  child.startUs += shift;
  child.endUs = Math.min(child.endUs + shift, parent.endUs);
  return shift;
}
