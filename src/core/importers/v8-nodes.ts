import { isObject, numberOr, textOr } from './json-shape.ts';

/** A function at its place, as V8 has it; nodes share them. */
export interface V8Function {
  readonly name: string;
  readonly url: string;
  /** 0-based, -1 for none. */
  readonly line: number;
  readonly column: number;
}

/**
 * The nodes of a capture in flat lists: of a 100 MB profile there are hundreds of thousands, each of five objects when it is
 * parsed, which need not live any longer than it takes to read them.
 */
export interface V8Nodes {
  /** In the order of the file. */
  readonly ids: readonly number[];
  /** By node: index into `functions`. */
  readonly functionAt: readonly number[];
  /** By node: id of its caller, undefined where the producer gives children instead. */
  readonly callers: readonly (number | undefined)[];
  /** By node: where its children begin in `children`; one more at the end. */
  readonly childrenFrom: readonly number[];
  /** Ids. */
  readonly children: readonly number[];
  /** By node, as with children: how its samples fall on lines, 1-based. */
  readonly ticksFrom: readonly number[];
  readonly tickLines: readonly number[];
  readonly ticks: readonly number[];
  readonly functions: readonly V8Function[];
  /** Place of the first entry that is no node; undefined: all are. */
  readonly firstBad: number | undefined;
}

export interface V8NodesBuilder {
  add(node: unknown): void;
  build(): V8Nodes;
}

export function readNodes(nodes: Iterable<unknown>): V8Nodes {
  const builder = createV8Nodes();
  for (const node of nodes) builder.add(node);
  return builder.build();
}

export function createV8Nodes(): V8NodesBuilder {
  const ids: number[] = [];
  const functionAt: number[] = [];
  const callers: (number | undefined)[] = [];
  const childrenFrom: number[] = [0];
  const children: number[] = [];
  const ticksFrom: number[] = [0];
  const tickLines: number[] = [];
  const ticks: number[] = [];
  const functions = createFunctions();
  let firstBad: number | undefined;
  return {
    add(node) {
      if (!isObject(node) || typeof node.id !== 'number' || !isObject(node.callFrame)) {
        firstBad ??= ids.length;
        return;
      }
      ids.push(node.id);
      const { functionName, url, lineNumber, columnNumber } = node.callFrame;
      functionAt.push(
        functions.find(
          textOr(functionName, ''),
          textOr(url, ''),
          numberOr(lineNumber, -1),
          numberOr(columnNumber, -1),
        ),
      );
      callers.push(typeof node.parent === 'number' ? node.parent : undefined);
      if (Array.isArray(node.children)) {
        for (const id of node.children as readonly unknown[]) if (typeof id === 'number') children.push(id);
      }
      childrenFrom.push(children.length);
      if (Array.isArray(node.positionTicks)) {
        for (const tick of node.positionTicks as readonly unknown[]) {
          if (!isObject(tick) || typeof tick.line !== 'number' || typeof tick.ticks !== 'number') continue;
          tickLines.push(tick.line);
          ticks.push(tick.ticks);
        }
      }
      ticksFrom.push(ticks.length);
    },
    build: () => ({
      ids,
      functionAt,
      callers,
      childrenFrom,
      children,
      ticksFrom,
      tickLines,
      ticks,
      functions: functions.all,
      firstBad,
    }),
  };
}

/** By place first: names and URLs are compared with the few that share it, which is cheaper than hashing each of them. */
function createFunctions() {
  const all: V8Function[] = [];
  const byPlace = new Map<number, number[]>();
  return {
    all,
    find(name: string, url: string, line: number, column: number): number {
      const place = (Math.imul(line, 8191) ^ column) & 0x3fff_ffff;
      let known = byPlace.get(place);
      if (known === undefined) byPlace.set(place, (known = []));
      for (const at of known) {
        const one = all[at];
        if (one?.line === line && one.column === column && one.name === name && one.url === url) return at;
      }
      known.push(all.length);
      all.push({ name, url, line, column });
      return all.length - 1;
    },
  };
}
