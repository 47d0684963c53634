import { isRecord } from './imported-requests.ts';
import type { References } from './resolve-reference.ts';

/** A value that fits a JSON Schema: the document's own example where it gives one, else the plainest that fits. */
export interface ExampleValue {
  readonly value: unknown;
  /** True when the document gives no example, default or enumeration: the program may know no such record. */
  readonly guessed: boolean;
}

/** Schemas contain themselves (a category has categories); a request's body is rarely deeper than this. */
const MAX_DEPTH = 6;

const BY_FORMAT: Readonly<Record<string, string>> = {
  uuid: '00000000-0000-4000-8000-000000000001',
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  email: 'ann@example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  byte: 'AA==',
};

export function exampleOfSchema(given: unknown, references: References, depth = 0): ExampleValue {
  const schema = references.follow(given);
  const own = ownExample(schema);
  if (own !== undefined) return { value: own, guessed: false };
  const all = schema['allOf'];
  if (Array.isArray(all)) return exampleOfSchema(mergeAll(schema, all, references), references, depth + 1);
  const choice = itemsOf(schema['oneOf'])[0] ?? itemsOf(schema['anyOf'])[0];
  if (choice !== undefined && depth < MAX_DEPTH) return exampleOfSchema(choice, references, depth + 1);
  return plainest(schema, references, depth);
}

function ownExample(schema: Readonly<Record<string, unknown>>): unknown {
  const { example, examples, const: only, enum: values } = schema;
  return example ?? itemsOf(examples)[0] ?? schema['default'] ?? only ?? itemsOf(values)[0];
}

/** Of `allOf`, the members of every part; other keywords of the first part that has them. */
function mergeAll(
  schema: Readonly<Record<string, unknown>>,
  all: readonly unknown[],
  references: References,
): Readonly<Record<string, unknown>> {
  const { allOf: _parts, ...rest } = schema;
  const parts = [rest, ...all.map((part) => references.follow(part))];
  const required = parts.flatMap((part) => itemsOf(part['required']));
  const properties = Object.assign({}, ...parts.map((part) => part['properties'])) as Readonly<
    Record<string, unknown>
  >;
  const merged = Object.assign({}, ...[...parts].reverse()) as Readonly<Record<string, unknown>>;
  return { ...merged, ...(Object.keys(properties).length === 0 ? {} : { properties }), required };
}

function plainest(
  schema: Readonly<Record<string, unknown>>,
  references: References,
  depth: number,
): ExampleValue {
  const guess = (value: unknown): ExampleValue => ({ value, guessed: true });
  switch (typeOf(schema)) {
    case 'object':
      return depth >= MAX_DEPTH ? guess({}) : objectExample(schema, references, depth);
    case 'array': {
      if (depth >= MAX_DEPTH) return guess([]);
      const item = exampleOfSchema(schema['items'], references, depth + 1);
      return { value: [item.value], guessed: item.guessed };
    }
    case 'integer':
    case 'number':
      return guess(numberWithin(schema));
    case 'boolean':
      return guess(true);
    case 'null':
      return guess(null);
    default:
      return guess(textOf(schema));
  }
}

/** What must be there, and what the document has an example for. */
function objectExample(
  schema: Readonly<Record<string, unknown>>,
  references: References,
  depth: number,
): ExampleValue {
  const required = itemsOf(schema['required']);
  const properties = isRecord(schema['properties']) ? Object.entries(schema['properties']) : [];
  const members = properties
    .filter(([, property]) => references.follow(property)['readOnly'] !== true)
    .map(([name, property]) => ({ name, ...exampleOfSchema(property, references, depth + 1) }))
    .filter(({ name, guessed }) => required.includes(name) || !guessed);
  return {
    value: Object.fromEntries(members.map(({ name, value }) => [name, value])),
    guessed: members.length === 0 || members.some(({ guessed }) => guessed),
  };
}

function typeOf(schema: Readonly<Record<string, unknown>>): unknown {
  const { type } = schema;
  // OpenAPI 3.1 writes a nullable text as ["string", "null"].
  if (Array.isArray(type)) return type.find((one) => one !== 'null');
  return type ?? (schema['properties'] === undefined ? 'string' : 'object');
}

function numberWithin(schema: Readonly<Record<string, unknown>>): number {
  const { minimum, maximum } = schema;
  if (typeof minimum === 'number' && minimum > 1) return minimum;
  return typeof maximum === 'number' && maximum < 1 ? maximum : 1;
}

function textOf(schema: Readonly<Record<string, unknown>>): string {
  const text = BY_FORMAT[String(schema['format'])] ?? 'example';
  const { minLength, maxLength } = schema;
  if (typeof maxLength === 'number' && maxLength < text.length) return text.slice(0, maxLength);
  // A schema may ask for any length; a few thousand are what a person would send.
  return typeof minLength === 'number' ? text.padEnd(Math.min(minLength, 4096), 'x') : text;
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
