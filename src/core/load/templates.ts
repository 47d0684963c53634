/**
 * `{{name}}` in a path, a header or a body. A name is a column of the data file or a value that an earlier step of the
 * journey extracted. Nothing else has a meaning between the braces: no expressions, so nothing that could run.
 */
const TEMPLATE = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/;

/** Where the text goes, which decides how a value is written into it. */
export type TemplatePlace = 'path' | 'header' | 'text' | 'json';

export type Lookup = (name: string) => unknown;

/** Names of the templates in a text, each once, in order. */
export function templateNames(text: string): readonly string[] {
  return [...new Set([...text.matchAll(new RegExp(TEMPLATE, 'g'))].map((match) => match[1] as string))];
}

/**
 * Compiled once, because a text is rendered for every request.
 * - path: percent-encoded, so that a value stays one segment; but a template that the path begins with is a path itself (a
 *   Location header), of which the origin is dropped: load never leaves the host that it was allowed for.
 * - json: a string that is nothing but one template becomes the value with its type, other templates become part of the string.
 * - header, text: as it is; what is not a string as JSON.
 */
export function compileTemplate(text: string, place: TemplatePlace): (lookup: Lookup) => string {
  const parts = place === 'json' ? splitJson(text) : splitText(text, place);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') return () => only;
  return (lookup) =>
    parts.map((part) => (typeof part === 'string' ? part : part.write(lookup(part.name)))).join('');
}

interface Hole {
  readonly name: string;
  readonly write: (value: unknown) => string;
}

function splitText(text: string, place: 'path' | 'header' | 'text'): readonly (string | Hole)[] {
  return split(text, new RegExp(TEMPLATE, 'g'), (name, at) => ({
    name,
    write: place !== 'path' ? asText : at === 0 ? toPath : (value) => encodeURIComponent(asText(value)),
  }));
}

/**
 * In text that JSON.stringify wrote a template can only stand inside a string. Quotes around it are the string's own where the
 * first is not escaped (a string that begins anew follows no backslash) and no colon follows, which would make it a key.
 */
function splitJson(text: string): readonly (string | Hole)[] {
  const whole = new RegExp(`(?<!\\\\)"${TEMPLATE.source}"(?!:)`, 'g');
  return split(text, whole, (name) => ({ name, write: toJson })).flatMap((part) =>
    typeof part === 'string'
      ? split(part, new RegExp(TEMPLATE, 'g'), (name) => ({
          name,
          write: (value) => JSON.stringify(asText(value)).slice(1, -1),
        }))
      : [part],
  );
}

function split(
  text: string,
  pattern: RegExp,
  toHole: (name: string, at: number) => Hole,
): readonly (string | Hole)[] {
  const parts: (string | Hole)[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(toHole(match[1] as string, match.index));
    end = match.index + match[0].length;
  }
  if (end < text.length || parts.length === 0) parts.push(text.slice(end));
  return parts;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : toJson(value);
}

function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function toPath(value: unknown): string {
  const text = asText(value);
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const path = url === undefined ? text.replace(/#.*$/, '') : url.pathname + url.search;
  return path.startsWith('/') ? path : `/${path}`;
}
