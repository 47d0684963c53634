import type { SourceMap } from 'node:module';
import type { TracerFile } from '../../../../core/trace/tracer-file.ts';
import { mapPosition, toPath } from '../map-profile.ts';

type Site = TracerFile['sites'][number];

/** A capture costs about 8 µs: the first calls of a shape show where it comes from. */
const LOOKS_PER_SHAPE = 20;
/** Of all shapes together: a program that writes values into its statements has no end of shapes. */
const MOST_LOOKS = 20_000;
/** Frames of the driver and of Node.js lie between; with await, those of its callers below. */
const DEEPEST_STACK = 40;
const MOST_CALLERS = 5;
const ANONYMOUS = '(anonymous)';

let looks = new Map<string, number>();
let looksLeft = 0;
let sites: Site[] = [];
let siteByKey = new Map<string, number>();

export function startCallSites(): void {
  looks = new Map();
  looksLeft = MOST_LOOKS;
  sites = [];
  siteByKey = new Map();
}

export function takeCallSites(): Site[] {
  const taken = sites;
  startCallSites();
  return taken;
}

/**
 * Number of the place in the project's own code that called; undefined when this shape was looked up often enough.
 * `or-package`: where no own code called, the place in a package.
 */
export function findSite(
  shape: string,
  {
    whose = 'own',
    most = LOOKS_PER_SHAPE,
  }: { readonly whose?: 'own' | 'or-package'; readonly most?: number } = {},
): number | undefined {
  const done = looks.get(shape) ?? 0;
  if (done >= most || looksLeft <= 0) return undefined;
  looks.set(shape, done + 1);
  looksLeft -= 1;
  const program = captureFrames().filter(isProgram);
  const own = program.filter((frame) => !isPackage(frame));
  const frames = own.length === 0 && whose === 'or-package' ? program : own;
  const key = frames
    .slice(0, MOST_CALLERS + 1)
    .map(keyOf)
    .join('\n');
  const known = siteByKey.get(key);
  if (known !== undefined) return known;
  const [innermost, ...callers] = frames.slice(0, MOST_CALLERS + 1).map(describe);
  if (innermost === undefined) return undefined;
  // A callback without a name (of map, of a new Promise) goes by that of the function around it.
  const named = [innermost, ...callers].find(({ function: name }) => name !== ANONYMOUS);
  const site = named?.file === innermost.file ? { ...innermost, function: named.function } : innermost;
  const number =
    sites.push({
      ...site,
      callers: callers.map((caller) => `${caller.function} (${caller.file}:${caller.line}:${caller.column})`),
    }) - 1;
  siteByKey.set(key, number);
  return number;
}

interface Stack {
  stack?: readonly NodeJS.CallSite[];
}

/** Frames as objects: V8 hands them to prepareStackTrace, which the program may have set. */
function captureFrames(): readonly NodeJS.CallSite[] {
  const program = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = DEEPEST_STACK;
    Error.prepareStackTrace = (_error, frames) => frames;
    const holder: Stack = {};
    Error.captureStackTrace(holder, captureFrames);
    return holder.stack ?? [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (program === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Object.defineProperty(Error, 'prepareStackTrace', program);
  }
}

function fileOf(frame: NodeJS.CallSite): string {
  return toPath(frame.getFileName() ?? '');
}

/** Neither Node.js nor the probe. */
function isProgram(frame: NodeJS.CallSite): boolean {
  const file = fileOf(frame);
  return /^(?:\/|[a-zA-Z]:[\\/]|\\\\)/.test(file) && file !== __filename;
}

function isPackage(frame: NodeJS.CallSite): boolean {
  return /[\\/]node_modules[\\/]/.test(fileOf(frame));
}

function keyOf(frame: NodeJS.CallSite): string {
  return `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
}

function describe(frame: NodeJS.CallSite): Omit<Site, 'callers'> {
  const file = fileOf(frame);
  const line = frame.getLineNumber() ?? 1;
  const column = frame.getColumnNumber() ?? 1;
  const name = frame.getFunctionName() ?? frame.getMethodName() ?? '';
  const mapped = mapPosition(frame.getFileName() ?? '', line - 1, column - 1, maps);
  return {
    function: name === '' ? ANONYMOUS : name,
    file: mapped?.file ?? file,
    line: (mapped?.line ?? line - 1) + 1,
    column: (mapped?.column ?? column - 1) + 1,
  };
}

const maps = new Map<string, SourceMap | undefined>();
