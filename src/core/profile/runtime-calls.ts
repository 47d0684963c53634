import type { Frame } from './model.ts';

/** What kind of work a built-in does; detectors exist for most. */
export type RuntimeCategory =
  'json' | 'regexp' | 'sort' | 'search' | 'clone' | 'crypto' | 'compression' | 'sync-io' | 'intl' | 'other';

/**
 * V8 names built-in functions without their object. Ambiguous names stand with the reading that is usual in a
 * profile (`parse` is Date.parse as well, but that is never hot).
 */
const BUILTIN_NAMES: Readonly<Record<string, { readonly name: string; readonly category: RuntimeCategory }>> =
  {
    stringify: { name: 'JSON.stringify', category: 'json' },
    parse: { name: 'JSON.parse', category: 'json' },
    sort: { name: 'Array.sort', category: 'sort' },
    toSorted: { name: 'Array.toSorted', category: 'sort' },
    exec: { name: 'RegExp.exec', category: 'regexp' },
    test: { name: 'RegExp.test', category: 'regexp' },
    match: { name: 'String.match', category: 'regexp' },
    matchAll: { name: 'String.matchAll', category: 'regexp' },
    replace: { name: 'String.replace', category: 'regexp' },
    replaceAll: { name: 'String.replaceAll', category: 'regexp' },
    '[Symbol.replace]': { name: 'String.replace', category: 'regexp' },
    '[Symbol.match]': { name: 'String.match', category: 'regexp' },
    '[Symbol.split]': { name: 'String.split', category: 'regexp' },
    find: { name: 'Array.find', category: 'search' },
    findIndex: { name: 'Array.findIndex', category: 'search' },
    filter: { name: 'Array.filter', category: 'search' },
    includes: { name: 'Array.includes', category: 'search' },
    indexOf: { name: 'Array.indexOf', category: 'search' },
    structuredClone: { name: 'structuredClone', category: 'clone' },
    NumberFormat: { name: 'Intl.NumberFormat', category: 'intl' },
    DateTimeFormat: { name: 'Intl.DateTimeFormat', category: 'intl' },
    Collator: { name: 'Intl.Collator', category: 'intl' },
    PluralRules: { name: 'Intl.PluralRules', category: 'intl' },
    RelativeTimeFormat: { name: 'Intl.RelativeTimeFormat', category: 'intl' },
    ListFormat: { name: 'Intl.ListFormat', category: 'intl' },
    Segmenter: { name: 'Intl.Segmenter', category: 'intl' },
    DisplayNames: { name: 'Intl.DisplayNames', category: 'intl' },
    toLocaleDateString: { name: 'Date.toLocaleDateString', category: 'intl' },
    toLocaleTimeString: { name: 'Date.toLocaleTimeString', category: 'intl' },
    localeCompare: { name: 'String.localeCompare', category: 'intl' },
    map: { name: 'Array.map', category: 'other' },
    forEach: { name: 'Array.forEach', category: 'other' },
    reduce: { name: 'Array.reduce', category: 'other' },
    slice: { name: 'Array.slice', category: 'other' },
    concat: { name: 'Array.concat', category: 'other' },
    splice: { name: 'Array.splice', category: 'other' },
    join: { name: 'Array.join', category: 'other' },
    split: { name: 'String.split', category: 'other' },
    keys: { name: 'Object.keys', category: 'other' },
    entries: { name: 'Object.entries', category: 'other' },
    assign: { name: 'Object.assign', category: 'other' },
    fromEntries: { name: 'Object.fromEntries', category: 'other' },
    freeze: { name: 'Object.freeze', category: 'other' },
  };

/** Irregexp code appears under this prefix, but only when the profiler was on before the pattern was compiled. */
export const REGEXP_FRAME = 'RegExp: ';

export function isLanguageBuiltin(name: string): boolean {
  return name.startsWith(REGEXP_FRAME) || Object.hasOwn(BUILTIN_NAMES, name);
}

/**
 * Modules of Node.js whose time is the price of being a server and not of the function that happened to stand
 * below it (`response.end()` runs a whole socket write): their weight stays with them.
 */
const NOT_CHARGED = new Set([
  'http',
  'http2',
  'https',
  'net',
  'tls',
  'dgram',
  'stream',
  'streams',
  'stream_base_commons',
  'events',
  'event_target',
  'timers',
  'process',
  'async_hooks',
  'async_local_storage',
  'diagnostics_channel',
  'inspector',
  'modules',
  'bootstrap',
  'webstreams',
  'worker',
  'undici',
]);

/** `node:internal/crypto/pbkdf2` and `node:crypto` are both the module "crypto". */
export function runtimeModule(frame: Frame): string | undefined {
  // Standard libraries of other languages have names with their module in them.
  if (frame.file === undefined || (frame.package !== undefined && frame.package !== 'node')) return undefined;
  const match = /^(?:node:)?(?:internal\/)?(?:deps\/)?_?([a-z0-9_]+)/i.exec(frame.file);
  const name = match?.[1];
  if (name === undefined) return undefined;
  // _http_outgoing, _tls_wrap, _stream_readable and the like.
  const family = /^(http|tls|stream)_/.exec(name)?.[1];
  return name === 'stream_base_commons' ? name : (family ?? name);
}

export interface RuntimeCallName {
  /** For people and for signals, e.g. "JSON.stringify" or "crypto.pbkdf2Sync". */
  readonly name: string;
  readonly category: RuntimeCategory;
  /** False when the weight stays with the runtime. */
  readonly charged: boolean;
}

/** Names the built-in that a JavaScript function called; `frame` is the first frame below that function. */
export function nameRuntimeCall(frame: Frame): RuntimeCallName {
  const module = frame.kind === 'builtin' ? runtimeModule(frame) : undefined;
  if (module === undefined) {
    if (frame.name.startsWith(REGEXP_FRAME)) return { name: 'RegExp', category: 'regexp', charged: true };
    const known = Object.hasOwn(BUILTIN_NAMES, frame.name) ? BUILTIN_NAMES[frame.name] : undefined;
    return { name: known?.name ?? frame.name, category: known?.category ?? 'other', charged: true };
  }
  // zlib's *Sync functions are closures over one wrapper, and only the wrapper has a name.
  const call =
    module === 'zlib' && frame.name === 'syncBufferWrapper' ? 'zlib.*Sync' : `${module}.${frame.name}`;
  return { name: call, category: moduleCategory(module, frame.name), charged: !NOT_CHARGED.has(module) };
}

function moduleCategory(module: string, name: string): RuntimeCategory {
  if (module === 'crypto') return 'crypto';
  if (module === 'zlib') return 'compression';
  if ((module === 'fs' || module === 'child_process') && name.endsWith('Sync')) return 'sync-io';
  if (name === 'structuredClone' || module === 'structured_clone') return 'clone';
  return 'other';
}
