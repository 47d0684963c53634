import type { Warning } from '../model/warning.ts';
import { WARNINGS } from '../warnings.ts';
import { numberOr } from './json-shape.ts';
import type { V8Capture } from './v8-capture.ts';
import type { V8Nodes } from './v8-nodes.ts';

/** From the id of a node to its place in the file, -1 for none. */
export type Places = (id: unknown) => number;

/** V8 numbers nodes from 1 on without gaps, so a table does; producers with other ids get a Map. */
export function indexIds(ids: readonly number[]): Places {
  const table = new Int32Array(2 * ids.length + 16).fill(-1);
  const others = new Map<number, number>();
  ids.forEach((id, at) => {
    if (Number.isInteger(id) && id >= 0 && id < table.length) table[id] = at;
    else others.set(id, at);
  });
  return (id) => {
    if (typeof id !== 'number') return -1;
    const inTable = table[id];
    return inTable ?? others.get(id) ?? -1;
  };
}

export interface Weights {
  /** By node, µs. */
  readonly weight: Float64Array;
  readonly count: Uint32Array;
  /** By node that was sampled before it: µs of garbage collection. V8 puts collections beside the stack that they interrupt. */
  readonly collections: ReadonlyMap<number, number>;
  readonly warnings: readonly Warning[];
}

export function weighSamples({ nodes, samples, timeDeltas, durationUs }: V8Capture, places: Places): Weights {
  const weight = new Float64Array(nodes.ids.length);
  const count = new Uint32Array(nodes.ids.length);
  const collections = new Map<number, number>();
  const collectors = findCollectors(nodes);
  let before = -1;
  const warnings: Warning[] = [];
  let negative = 0;
  let unknown = 0;
  const even = durationUs > 0 ? durationUs / samples.length : 1000;
  for (let index = 0; index < samples.length; index++) {
    const node = places(samples[index]);
    if (node < 0) {
      unknown += 1;
      continue;
    }
    const delta = timeDeltas === undefined ? even : numberOr(timeDeltas[index], 0);
    if (delta < 0) negative += 1;
    else weight[node] = (weight[node] ?? 0) + delta;
    count[node] = (count[node] ?? 0) + 1;
    if (collectors[node] !== 1) before = node;
    else if (before >= 0 && delta > 0) collections.set(before, (collections.get(before) ?? 0) + delta);
  }
  if (timeDeltas === undefined) {
    warnings.push(WARNINGS.profile_without_times(samples.length));
  } else if (timeDeltas.length !== samples.length) {
    warnings.push(WARNINGS.profile_times_incomplete(samples.length, timeDeltas.length));
  }
  if (negative > 0) {
    warnings.push(WARNINGS.profile_negative_times(negative, samples.length));
  }
  if (unknown > 0) {
    warnings.push(WARNINGS.profile_unknown_nodes(unknown, samples.length));
  }
  return { weight, count, collections, warnings };
}

/** By node: 1 where it is the garbage collector's. */
function findCollectors({ functions, functionAt }: V8Nodes): Uint8Array {
  const isCollector = functions.map(({ name }) => name === '(garbage collector)');
  return Uint8Array.from(functionAt, (at) => (isCollector[at] === true ? 1 : 0));
}
