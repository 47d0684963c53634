import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

interface Detail {
  /** How many levels of objects are spelled out. What lies deeper is checked all the same, and taught by errors. */
  readonly levels: number;
  /** Whether arrays say what they hold. */
  readonly items: boolean;
}

/** The JSON Schema of a tool's arguments, as clients see it. */
export function publishedInput(schema: z.ZodObject): JsonSchema & { type: 'object' } {
  const full = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { ...outline(full, { levels: 2, items: true }), type: 'object' };
}

/**
 * The JSON Schema of a result: its fields and their types, one level deep. Agents pay for every word of it in every
 * session, and the structure below says itself in its field names.
 */
export function publishedOutput(schema: z.ZodObject): JsonSchema & { type: 'object' } {
  const full = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return { ...outline(full, { levels: 1, items: false }), type: 'object' };
}

function outline(schema: JsonSchema, detail: Detail): JsonSchema {
  const { levels, items } = detail;
  const below = { levels: levels - 1, items };
  const kept: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DROPPED.has(key)) continue;
    if (key === 'enum' && Array.isArray(value) && value.length > LONGEST_LIST) {
      kept['type'] = 'string';
      continue;
    }
    // The values of an enum show their type. Arguments keep it: some model APIs refuse a parameter without.
    if (key === 'type' && !items && 'enum' in schema) continue;
    if (key === 'properties' && isObject(value)) {
      if (levels > 0) {
        kept[key] = Object.fromEntries(
          Object.entries(value).map(([name, child]) => [
            name,
            isObject(child) ? outline(child, below) : child,
          ]),
        );
      }
    } else if (key === 'additionalProperties') {
      // False beside properties that are left out would forbid every answer, and clients check answers against this.
      if (levels > 0 && isObject(value) && Object.keys(value).length > 0) kept[key] = outline(value, below);
    } else if (key === 'items') {
      if (items && isObject(value)) kept[key] = outline(value, detail);
    } else if (key === 'anyOf' || key === 'oneOf') {
      if (levels > 0 && Array.isArray(value))
        kept[key] = value.map((v: unknown) => (isObject(v) ? outline(v, below) : v));
    } else if (key === 'required') {
      // What an answer always has is the same for all tools, and the instructions say it.
      if (levels > 0 && items) kept[key] = value;
    } else {
      kept[key] = value;
    }
  }
  return kept;
}

/** A longer list of words, such as the metrics, is told once (define_goals) and by errors. */
const LONGEST_LIST = 12;

/** Noise for a reader: bounds and the like are checked by the server anyway. */
const DROPPED = new Set([
  '$schema',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'propertyNames',
  'format',
]);

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
