import { posix } from 'node:path';
import type { Frame, FrameKind } from '../profile/model.ts';
import { packageOf } from '../profile/package-of.ts';
import { decodeFileUrl } from './file-url.ts';
import { frameOfCallFrame } from './v8-frame.ts';

/** A frame as formats for any language give it. */
export interface ForeignFrame {
  readonly name: string;
  readonly file?: string | undefined;
  /** 1-based first line of the function; not the line that ran. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Known machine code: of the kernel, a shared library. */
  readonly native?: boolean;
}

/** Names of V8's pseudo frames in 0x, the DevTools and @datadog/pprof. */
const PSEUDO_NAMES: Readonly<Record<string, string>> = {
  '(garbage collector)': '(garbage collector)',
  'Garbage Collection': '(garbage collector)',
  '(program)': '(program)',
  '(idle)': '(idle)',
  '(root)': '(root)',
  // The thread pool of @datadog/pprof, below it the activities of libuv.
  'Node.js': '(program)',
};

/** Everything below these collects garbage. */
const COLLECTORS = /^runtime\.(gcBgMarkWorker|gcAssistAlloc|bgsweep|bgscavenge|gcStart|systemstack_gc)\b/;

/**
 * The language is told by the file: profiles of mixed programs (Node.js with native code, Python with C) have frames of
 * several.
 *
 * @param above kind of the caller's frame
 */
export function frameOfForeign(given: ForeignFrame, above: FrameKind | undefined): Frame {
  const name = given.name.trim() === '' ? '(anonymous)' : given.name.trim();
  const file = given.file === undefined || given.file === '' ? undefined : decodeFileUrl(given.file);
  const pseudo = Object.hasOwn(PSEUDO_NAMES, name) ? PSEUDO_NAMES[name] : undefined;
  if (file === undefined && pseudo !== undefined)
    return frameOfCallFrame({ functionName: pseudo, url: '', lineNumber: -1, columnNumber: -1 }, above);
  if (above === 'gc' || COLLECTORS.test(name)) return { name, kind: 'gc' };
  if (given.native === true) return { name, kind: 'native', ...(file === undefined ? {} : { file }) };
  const place = {
    ...(given.line !== undefined && given.line > 0 ? { line: given.line } : {}),
    ...(given.column !== undefined && given.column > 0 ? { column: given.column } : {}),
  };
  if (file === undefined) return frameWithoutFile(name, above);
  if (/\.(go|s)$/.test(file)) return goFrame(name, file, place);
  if (/\.pyx?$/.test(file) || /^<(frozen|string|stdin)/.test(file)) return pythonFrame(name, file, place);
  if (/^(node:|internal\/)/.test(file)) return { name, kind: 'builtin', file, ...place, package: 'node' };
  if (/\.(c|cc|cpp|cxx|h|hpp|S|rs|so[.\d]*|dylib|dll)$/.test(file) && above === undefined && !hasPlace(place))
    return { name, kind: 'native', file };
  const owner = packageOf(file);
  return { name, kind: 'js', file, ...place, ...(owner === undefined ? {} : { package: owner }) };
}

type Place = Pick<Frame, 'line' | 'column'>;

function hasPlace(place: Place): boolean {
  return place.line !== undefined;
}

function frameWithoutFile(name: string, above: FrameKind | undefined): Frame {
  return frameOfCallFrame({ functionName: name, url: '', lineNumber: -1, columnNumber: -1 }, above);
}

/**
 * Go names functions by import path ("encoding/json.Marshal", "github.com/lib/pq.(*conn).Query", "main.handle"). A path
 * whose first element has a dot is a module; whether it is the program's own cannot be told from its name, but modules
 * of others lie in the module cache or in vendor/.
 */
function goFrame(name: string, file: string, place: Place): Frame {
  const path = file.replaceAll('\\', '/');
  const module = /\/pkg\/mod\/(.+?)@/.exec(path)?.[1] ?? vendored(path);
  // The module cache writes capital letters as "!c".
  if (module !== undefined)
    return {
      name,
      kind: 'js',
      file,
      ...place,
      package: module.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    };
  const first = name.split('/')[0] ?? '';
  const isStandard = /\/(go|go-?[\d.]+|libexec|golang[^/]*)\/src\//.test(path) && !first.includes('.', 1);
  const isRuntime = /^(runtime|reflect|sync|syscall|internal)\b/.test(name);
  return isStandard || isRuntime || isInGoRoot(name, path)
    ? { name, kind: 'builtin', file, ...place, package: 'go' }
    : { name, kind: 'js', file, ...place };
}

/** The package of the name is the folder of the file right below a `src` of the distribution. */
function isInGoRoot(name: string, path: string): boolean {
  const importPath = /^((?:[^/]+\/)*[^/.(]+)\./.exec(name)?.[1];
  return (
    importPath !== undefined && importPath !== 'main' && posix.dirname(path).endsWith(`/go/src/${importPath}`)
  );
}

function vendored(path: string): string | undefined {
  const [, below] = /\/vendor\/(.+)$/.exec(path) ?? [];
  const parts = below?.split('/') ?? [];
  return parts[0]?.includes('.') === true ? parts.slice(0, 3).join('/') : undefined;
}

/**
 * Modules of Python's own library carry their module in the name ("json.encoder.iterencode"): names alone would be taken for
 * built-ins of JavaScript ("parse"). py-spy shortens files of the library and of site-packages to the path below them,
 * so that relative files in a folder cannot be told from packages; these stay the project's own.
 */
function pythonFrame(name: string, file: string, place: Place): Frame {
  const path = file.replaceAll('\\', '/');
  const [, installed] = /(?:site|dist)-packages\/([^/]+)/.exec(path) ?? [];
  if (installed !== undefined)
    return { name, kind: 'js', file, ...place, package: installed.replace(/\.(py|so)$/, '') };
  const frozen = /^<frozen ([\w.]+)>/.exec(path)?.[1];
  const library = frozen ?? /\/lib\/(?:python|pypy)[\d.]+\/(.+)\.py$/.exec(path)?.[1] ?? standardFile(path);
  if (library === undefined) return { name, kind: 'js', file, ...place };
  const module = library.replaceAll('/', '.').replace(/\.__init__$/, '');
  return { name: `${module}.${name}`, kind: 'builtin', file, ...place, package: 'python' };
}

/** Folders and files of the library that hot stacks go through, in the short form of py-spy. */
const STANDARD_MODULES = new Set([
  'abc',
  'argparse',
  'asyncio',
  'base64',
  'bisect',
  'codecs',
  'collections',
  'concurrent',
  'contextlib',
  'copy',
  'csv',
  'dataclasses',
  'datetime',
  'decimal',
  'email',
  'encodings',
  'enum',
  'fractions',
  'functools',
  'gzip',
  'hashlib',
  'heapq',
  'hmac',
  'html',
  'http',
  'importlib',
  'inspect',
  'json',
  'logging',
  'multiprocessing',
  'operator',
  'os',
  'pathlib',
  'pickle',
  'posixpath',
  'queue',
  'random',
  're',
  'runpy',
  'selectors',
  'shutil',
  'socket',
  'socketserver',
  'sqlite3',
  'sre_compile',
  'sre_parse',
  'ssl',
  'statistics',
  'string',
  'subprocess',
  'tempfile',
  'threading',
  'traceback',
  'typing',
  'unittest',
  'urllib',
  'uuid',
  'warnings',
  'weakref',
  'wsgiref',
  'xml',
  'zipfile',
]);

function standardFile(path: string): string | undefined {
  const [, module = ''] = /^(?!\/)([\w/]+)\.py$/.exec(path) ?? [];
  return STANDARD_MODULES.has(module.split('/')[0] ?? '') ? module : undefined;
}
