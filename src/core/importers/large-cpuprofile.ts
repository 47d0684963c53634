import { Buffer } from 'node:buffer';
import { isObject } from './json-shape.ts';
import type { ImportSource } from './import-source.ts';
import { readCaptureOf, type V8Capture } from './v8-capture.ts';
import { createV8Nodes } from './v8-nodes.ts';

/**
 * A .cpuprofile of tens of megabytes as V8 writes it, without white space: `{"nodes":[{"id":…},…],"startTime":…,
 * "samples":[…],"timeDeltas":[…]}`. Parsed as a whole it is five objects for each node and a list of millions of values, and
 * most of the time goes into moving them about in memory. Here nodes are parsed some thousands at a time, and the two lists of
 * integers are read from the bytes.
 */
const BEGINNING = '{"nodes":[{"id":';
/** Between two nodes. Quotes within a text are escaped, so that no name of a function can look like it. */
const BETWEEN = '},{"id":';
const END_OF_NODES = '}],"startTime":';
/** What is alive of it when the young generation is collected is moved: little enough. */
const CHUNK_BYTES = 2 ** 18;
/** Of smaller files nobody waits for the parse. */
const LARGE_BYTES = 4 * 2 ** 20;

/** By its ends: one that was cut off is left to be explained. */
export function isLargeCpuProfile(source: ImportSource): boolean {
  if (source.size < LARGE_BYTES || !source.head.startsWith(BEGINNING)) return false;
  return Buffer.from(source.bytes().slice(-2)).toString('latin1') === ']}';
}

/** Undefined where it is written in another way: then it is parsed as every other JSON. */
export function readLargeCpuProfile(bytes: Uint8Array): V8Capture | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const endOfNodes = buffer.lastIndexOf(END_OF_NODES) + 1;
  if (endOfNodes === 0 || buffer.toString('latin1', 0, BEGINNING.length) !== BEGINNING) return undefined;
  const samples = findIntegers(buffer, 'samples', endOfNodes);
  const timeDeltas = findIntegers(buffer, 'timeDeltas', endOfNodes);
  if (samples === undefined || timeDeltas === undefined) return undefined;
  const rest = parseRest(buffer, endOfNodes, [samples, timeDeltas]);
  if (!isObject(rest) || 'nodes' in rest) return undefined;

  const builder = createV8Nodes();
  for (let from = BEGINNING.indexOf('[') + 1; from < endOfNodes;) {
    const between = from + CHUNK_BYTES < endOfNodes ? buffer.indexOf(BETWEEN, from + CHUNK_BYTES) : -1;
    const to = between < 0 || between >= endOfNodes ? endOfNodes : between + 1;
    const nodes = parse(`[${buffer.toString('utf8', from, to)}]`);
    if (!Array.isArray(nodes)) return undefined;
    for (const node of nodes as readonly unknown[]) builder.add(node);
    from = to + 1;
  }
  return readCaptureOf(rest, builder.build(), samples.values, timeDeltas.values);
}

interface FoundList {
  readonly values: Int32Array;
  /** Of its brackets, the end exclusive. */
  readonly from: number;
  readonly to: number;
}

/** What is left of the outermost object, without the two lists. */
function parseRest(buffer: Buffer, endOfNodes: number, lists: readonly FoundList[]): unknown {
  let text = '{';
  // After the bracket and the comma.
  let done = endOfNodes + 2;
  for (const { from, to } of [...lists].sort((a, b) => a.from - b.from)) {
    text += `${buffer.toString('utf8', done, from)}null`;
    done = to;
  }
  return parse(text + buffer.toString('utf8', done));
}

function findIntegers(buffer: Buffer, name: string, after: number): FoundList | undefined {
  const key = `"${name}":[`;
  const at = buffer.indexOf(key, after);
  return at < 0 ? undefined : readIntegers(buffer, at + key.length - 1);
}

const MOST_DIGITS = 9;

/** Undefined for anything but integers of nine digits and commas. */
function readIntegers(bytes: Buffer, from: number): FoundList | undefined {
  const end = bytes.indexOf(0x5d, from);
  // A digit and a comma at least for each.
  const values = new Int32Array(Math.max(0, Math.ceil((end - from) / 2)));
  let count = 0;
  for (let at = from + 1; at <= end;) {
    const isNegative = bytes[at] === 0x2d;
    if (isNegative) at += 1;
    const first = at;
    let value = 0;
    let digit = (bytes[at] ?? 0) - 0x30;
    while (digit >= 0 && digit <= 9) {
      value = (value * 10 + digit) | 0;
      at += 1;
      digit = (bytes[at] ?? 0) - 0x30;
    }
    // After each number a comma, or the bracket.
    const isWhole = at > first && at - first <= MOST_DIGITS && (digit === 0x2c - 0x30 || at === end);
    if (!isWhole) return undefined;
    values[count++] = isNegative ? -value : value;
    at += 1;
  }
  return count === 0 ? undefined : { values: values.subarray(0, count), from, to: end + 1 };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
