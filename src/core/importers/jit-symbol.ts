import type { ForeignFrame } from './foreign-frame.ts';

/**
 * Names that V8 gives its machine code in /tmp/perf-PID.map (node --perf-basic-prof) and in its log: a tag, the tier
 * (~ interpreted, ^ baseline, + Maglev, * optimized), the function and its place, "JS:*join /srv/app/a.js:5:20".
 * Before Node.js 18 the tag was "LazyCompile" or "Function". CPython 3.12 with -X perf writes "py::name:file".
 */
export function readJitSymbol(symbol: string): ForeignFrame | undefined {
  const code =
    /^(?:JS|LazyCompile|Function|Script|Eval|Callback|Interpreted):(?:[~^+*]|(?=[\w$ ]))(.*)$/.exec(symbol);
  if (code !== null) return readNameWithPlace(code[1] ?? '');
  const regexp = /^RegExp:(.*)$/.exec(symbol);
  if (regexp !== null) return { name: `RegExp: ${regexp[1] ?? ''}` };
  const python = /^py::(.+?):(.+)$/.exec(symbol);
  if (python !== null) return { name: python[1] ?? '', file: python[2] };
  return undefined;
}

/** "join /srv/app/a.js:5:20"; a function without a name leaves the blank in front. Names and paths may hold blanks. */
export function readNameWithPlace(text: string): ForeignFrame {
  const place = /^(.*):(\d+):(\d+)$/.exec(text);
  if (place === null) return { name: text };
  const [, body = '', line = '', column = ''] = place;
  const path = PATH_START.exec(body)?.index;
  const blank = body.lastIndexOf(' ');
  const from = path ?? (blank < 0 ? 0 : blank);
  return {
    name: body.slice(0, from),
    file: body.slice(from).trimStart(),
    line: Number(line),
    column: Number(column),
  };
}

const PATH_START = /(?:^| )(?:[a-z]+:|\/|internal\/|\.\.?\/|[A-Za-z]:[\\/]|evalmachine)/;
