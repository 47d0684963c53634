import type { HttpRequest } from '../model/goals.ts';

/** Something that only a person (or a look at the code) can settle. */
export interface Missing {
  readonly what: string;
  readonly why: string;
}

/** What a recording or a description of an API turned into. */
export interface ImportedRequests {
  readonly requests: readonly HttpRequest[];
  /** What they were made from, and what was left out. */
  readonly found: readonly string[];
  readonly missing: readonly Missing[];
}

export interface ImportOptions {
  /** As shown in messages. */
  readonly file: string;
  readonly maxRequests: number;
  /** Of all requests as JSON: an answer holds them twice, as goals and as the next call. */
  readonly maxCharacters: number;
}

/** One kind of file. `detect` looks at the shape and never at the file's name; `convert` throws InputError. */
export interface RequestImporter {
  readonly id: string;
  readonly title: string;
  detect(document: unknown): boolean;
  convert(document: unknown, options: ImportOptions): ImportedRequests;
}

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

export function toMethod(text: string): Method | undefined {
  const upper = text.toUpperCase();
  return METHODS.find((method) => method === upper);
}

/** A name as goals.json wants it; undefined when nothing of the text can stand in one. */
export function toName(text: string): string | undefined {
  const plain = text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 64)
    .replace(/[-_]+$/, '');
  return plain === '' ? undefined : plain;
}

/** The name, or the name with the first number that makes it new. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) {
    const next = `${name.slice(0, 60)}-${number}`;
    if (!taken.has(next)) return next;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** "a, b and 3 more" */
export function listFew(items: readonly string[], most = 4): string {
  const shown = items.slice(0, most).join(', ');
  return items.length <= most ? shown : `${shown} and ${items.length - most} more`;
}

/** What load does to data; empty when all requests only read. */
export function effectsNote(requests: readonly Shown[]): readonly Missing[] {
  const writes = requests.filter(({ method = 'GET' }) => method !== 'GET' && method !== 'HEAD');
  if (writes.length === 0) return [];
  return [
    {
      what: `effects of ${listFew([...new Set(writes.map(showRequest))])}`,
      why: 'they change data, thousands of times in a measurement: use a throw-away database or remove them',
    },
  ];
}

interface Shown {
  readonly method?: string | undefined;
  readonly path: string;
}

/** For messages: a query may be longer than all the rest of an answer. */
export function showRequest({ method = 'GET', path }: Shown): string {
  return `${method} ${path.length <= 80 ? path : `${path.slice(0, 79)}…`}`;
}
