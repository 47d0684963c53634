import type { HttpRequest } from '../model/goals.ts';
import { isRecord } from './imported-requests.ts';
import { exampleOfMedia } from './openapi-parameters.ts';
import { isText, listOf, showValue, type Fields } from './openapi-values.ts';
import type { References } from './resolve-reference.ts';
import { exampleOfSchema } from './schema-example.ts';
import type { ExampleValue } from './schema-example.ts';

export interface Body {
  readonly example: ExampleValue;
  /** Undefined for JSON objects and arrays, which are sent as such by default. */
  readonly type: string | undefined;
  readonly isForm: boolean;
}

const FORM = 'application/x-www-form-urlencoded';

/** Undefined when the operation takes none; a text says why it cannot be made. */
export function bodyOf(
  root: Fields,
  operation: Fields,
  parameters: readonly Fields[],
  references: References,
): Body | string | undefined {
  const content = contentOf(root, operation, parameters, references);
  const types = Object.keys(content);
  if (types.length === 0) return undefined;
  const type = types.find((one) => /[/+]json\b/i.test(one)) ?? types.find((one) => one.startsWith(FORM));
  if (type === undefined) return `a body of ${types[0] ?? 'unknown type'}`;
  const media = references.follow(content[type]);
  const own = exampleOfMedia(media, references);
  const example =
    own === undefined ? exampleOfSchema(media['schema'], references) : { value: own, guessed: false };
  const isPlain = type === 'application/json' && typeof example.value === 'object' && example.value !== null;
  return { example, type: isPlain ? undefined : type, isForm: type.startsWith(FORM) };
}

/** Bodies by media type, Swagger 2's `body` and `formData` parameters in the form of OpenAPI 3. */
function contentOf(
  root: Fields,
  operation: Fields,
  parameters: readonly Fields[],
  references: References,
): Fields {
  const { content } = references.follow(operation['requestBody']);
  if (isRecord(content)) return content;
  const consumes = [...listOf(operation['consumes']), ...listOf(root['consumes'])].filter(isText);
  const body = parameters.find((parameter) => parameter['in'] === 'body');
  if (body !== undefined) return { [consumes[0] ?? 'application/json']: { schema: body['schema'] } };
  const fields = parameters.filter((parameter) => parameter['in'] === 'formData');
  if (fields.length === 0) return {};
  const properties = Object.fromEntries(fields.map((field) => [String(field['name']), field]));
  const required = fields.filter((field) => field['required'] === true).map((field) => field['name']);
  return { [consumes[0] ?? FORM]: { schema: { type: 'object', properties, required } } };
}

export function toBody(value: unknown, isForm: boolean): NonNullable<HttpRequest['body']> {
  if (isForm && isRecord(value)) {
    return Object.entries(value)
      .map(([name, item]) => `${encodeURIComponent(name)}=${encodeURIComponent(showValue(item))}`)
      .join('&');
  }
  if (Array.isArray(value)) return [...(value as readonly unknown[])];
  // A string is sent as it stands, so a JSON document that is a text, a number or null is written out.
  return isRecord(value) ? { ...value } : JSON.stringify(value);
}
