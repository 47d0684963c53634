/** The part of JSON Schema that zod writes and a reader wants to know. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Longer lists of values than this are told by their number. */
const MOST_VALUES = 6;

/** A type in words: "integer, 1 to 50", "list of text", "quick / standard / thorough". */
export function nameType(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(nameType).join(' or ');
  if (schema.enum) return nameValues(schema.enum.map(String));
  if (Array.isArray(schema.type)) return schema.type.map((type: string) => nameType({ type })).join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items === undefined ? 'values' : nameType(schema.items)}`;
    case 'object': {
      const names = Object.keys(schema.properties ?? {});
      return names.length === 0 ? 'object' : `{${names.join(', ')}}`;
    }
    case 'integer':
    case 'number':
      return `${schema.type}${nameRange(schema)}`;
    case 'string':
      return 'text';
    case undefined:
      return 'any';
    default:
      return String(schema.type);
  }
}

function nameValues(values: readonly string[]): string {
  return values.length > MOST_VALUES ? `one of ${values.length} names` : values.join(' / ');
}

/** zod gives integers the bounds of 53 bits; they say nothing. */
function nameRange({ minimum, maximum }: JsonSchema): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (low && high) return `, ${minimum} to ${maximum}`;
  return low ? `, at least ${minimum}` : high ? `, at most ${maximum}` : '';
}
