import type { HeapProfiler, Profiler, Runtime } from 'node:inspector';
import type { SourceMap } from 'node:module';
import { findSourceMap } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROBE_URL } from './protocol.ts';

/** Where a frame stood in the code that V8 saw; kept beside the original position. */
interface GeneratedPosition {
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface MappedFrame extends Runtime.CallFrame {
  generated?: GeneratedPosition;
}

interface Entry {
  readonly generatedLine: number;
  readonly generatedColumn: number;
  readonly originalSource: string;
  readonly originalLine: number;
}

/** Past every column: `findEntry` then answers with the last mapping of the line. */
const END_OF_LINE = 2 ** 30;
/** A generated line that came from more original lines than this (a bundle on one line) tells nothing about lines. */
const WIDEST_LINE = 3;
/** Mappings of one line that are looked at, from its end. */
const MOST_ENTRIES = 64;

export function toPath(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** Absolute path of an original; URLs of another kind (webpack:) name no file and stay. */
function resolveSource(source: string, generatedFile: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(source)) return toPath(source);
  return isAbsolute(source) ? source : resolve(dirname(generatedFile), source);
}

function isEntry(value: object): value is Entry {
  const entry = value as Partial<Entry>;
  return (
    typeof entry.originalSource === 'string' &&
    typeof entry.originalLine === 'number' &&
    typeof entry.generatedLine === 'number' &&
    typeof entry.generatedColumn === 'number'
  );
}

function findEntry(
  map: SourceMap,
  line: number,
  column: number,
): (Entry & { originalColumn: number }) | undefined {
  const entry: object = map.findEntry(line, column);
  if (!isEntry(entry)) return undefined;
  const column0 = (entry as { originalColumn?: unknown }).originalColumn;
  return { ...entry, originalColumn: typeof column0 === 'number' ? column0 : 0 };
}

export interface MappedPosition {
  readonly file: string;
  /** 0-based. */
  readonly line: number;
  readonly column: number;
}

/** Where a position of the code that V8 runs stands in the source; lines and columns count from 0. */
export function mapPosition(
  url: string,
  line: number,
  column: number,
  maps: Map<string, SourceMap | undefined>,
): MappedPosition | undefined {
  if (!maps.has(url)) maps.set(url, findMap(url));
  const map = maps.get(url);
  const entry = map === undefined ? undefined : findEntry(map, line, column);
  if (entry === undefined) return undefined;
  return {
    file: resolveSource(entry.originalSource, toPath(url)),
    line: entry.originalLine,
    column: entry.originalColumn,
  };
}

/** 0-based original line of a whole generated line, when it has one: ticks carry no column. */
function mapLine(map: SourceMap, line: number): { source: string; line: number } | undefined {
  let entry = findEntry(map, line, END_OF_LINE);
  if (entry?.generatedLine !== line) return undefined;
  const source = entry.originalSource;
  let lowest = entry.originalLine;
  let highest = entry.originalLine;
  for (let seen = 0; entry?.generatedLine === line; seen++) {
    if (seen === MOST_ENTRIES || entry.originalSource !== source) return undefined;
    lowest = Math.min(lowest, entry.originalLine);
    highest = Math.max(highest, entry.originalLine);
    if (entry.generatedColumn === 0) break;
    entry = findEntry(map, line, entry.generatedColumn - 1);
  }
  return highest - lowest < WIDEST_LINE ? { source, line: lowest } : undefined;
}

type FrameMapper = (frame: Runtime.CallFrame) => {
  readonly callFrame: MappedFrame;
  /** Set when the frame has an original, so that its lines can be looked up too. */
  readonly original?: { readonly map: SourceMap; readonly source: string };
};

/** File URLs become absolute paths, in mapped and unmapped frames alike. */
function createFrameMapper(probeFile: string): FrameMapper {
  const maps = new Map<string, SourceMap | undefined>();
  const lookUp = (url: string): SourceMap | undefined => {
    if (!maps.has(url)) maps.set(url, findMap(url));
    return maps.get(url);
  };
  return (frame) => {
    const file = toPath(frame.url);
    if (file === probeFile) return { callFrame: { ...frame, url: PROBE_URL } };
    const map = frame.url === '' || frame.url.startsWith('node:') ? undefined : lookUp(frame.url);
    const entry = map === undefined ? undefined : findEntry(map, frame.lineNumber, frame.columnNumber);
    if (map === undefined || entry === undefined) return { callFrame: { ...frame, url: file } };
    const callFrame: MappedFrame = {
      ...frame,
      url: resolveSource(entry.originalSource, file),
      lineNumber: entry.originalLine,
      columnNumber: entry.originalColumn,
      generated: { url: file, lineNumber: frame.lineNumber, columnNumber: frame.columnNumber },
    };
    return { callFrame, original: { map, source: entry.originalSource } };
  };
}

/**
 * Writes original positions into the frames of a profile, in the process that has the source maps. Ticks of a mapped frame
 * whose line can't be mapped are dropped: left in, they would name lines of another file.
 */
export function mapProfile(profile: Profiler.Profile, probeFile: string): Profiler.Profile {
  const mapFrame = createFrameMapper(probeFile);
  const nodes = profile.nodes.map((node) => {
    const { callFrame, original } = mapFrame(node.callFrame);
    if (original === undefined) return { ...node, callFrame };
    const positionTicks = (node.positionTicks ?? []).flatMap((tick) => {
      // Lines of ticks count from 1.
      const line = mapLine(original.map, tick.line - 1);
      return line?.source === original.source ? [{ line: line.line + 1, ticks: tick.ticks }] : [];
    });
    return { ...node, callFrame, positionTicks };
  });
  return { ...profile, nodes };
}

/** The same for a sampling heap profile, which is a tree. Deep ones are a few hundred frames: V8 keeps 64 of each stack. */
export function mapHeapProfile(
  profile: HeapProfiler.SamplingHeapProfile,
  probeFile: string,
): HeapProfiler.SamplingHeapProfile {
  const mapFrame = createFrameMapper(probeFile);
  const mapNode = (node: HeapProfiler.SamplingHeapProfileNode): HeapProfiler.SamplingHeapProfileNode => ({
    ...node,
    callFrame: mapFrame(node.callFrame).callFrame,
    children: node.children.map(mapNode),
  });
  return { ...profile, head: mapNode(profile.head) };
}

function findMap(url: string): SourceMap | undefined {
  try {
    // By URL in Node.js 20; 16 keeps CommonJS modules by path.
    return findSourceMap(url) ?? findSourceMap(toPath(url));
  } catch {
    return undefined;
  }
}
