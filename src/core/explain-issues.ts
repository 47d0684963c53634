import { z } from 'zod';

/** One thing that does not fit a schema, said so that the writer can put it right without reading the schema. */
export interface ExplainedIssue {
  readonly path: readonly PropertyKey[];
  /** e.g. `workloads[0].start.command`; empty for the whole. */
  readonly at: string;
  readonly message: string;
}

export function explainIssues(
  schema: z.ZodType,
  error: z.ZodError,
  input: unknown,
): readonly ExplainedIssue[] {
  return error.issues.flatMap((issue) => explain(schema, issue, input));
}

export function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number'
        ? `[${part}]`
        : /^[A-Za-z_$][\w$-]*$/.test(String(part))
          ? `${index === 0 ? '' : '.'}${String(part)}`
          : `[${shorten(JSON.stringify(String(part)))}]`,
    )
    .join('');
}

function explain(schema: z.ZodType, issue: z.core.$ZodIssue, input: unknown): readonly ExplainedIssue[] {
  const say = (message: string, path: readonly PropertyKey[] = issue.path): ExplainedIssue => ({
    path,
    at: showPath(path),
    message,
  });
  if (issue.code === 'unrecognized_keys') {
    const allowed = membersAt(schema, issue.path, input);
    const list = allowed.length === 0 ? '' : `; allowed here: ${allowed.join(', ')}`;
    return issue.keys.map((key) => say(`unknown name${list}`, [...issue.path, key]));
  }
  if (issue.code === 'invalid_value') {
    return [say(`must be ${issue.values.map((value) => showLiteral(value)).join(' or ')}`)];
  }
  if (issue.code === 'invalid_union') {
    // A missing or wrong discriminator is reported at the discriminator: the union itself stands one level above.
    const here = schemaAt(schema, issue.path, input);
    const union = here instanceof z.ZodUnion ? here : schemaAt(schema, issue.path.slice(0, -1), input);
    return [say(describeUnion(union) ?? issue.message)];
  }
  return [say(issue.message)];
}

function describeUnion(union: z.ZodType | undefined): string | undefined {
  if (union instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = union.def;
    const values = objectOptions(union).flatMap((option) => literalsOf(option.shape[discriminator]));
    return `"${discriminator}" must be ${values.map(showLiteral).join(' or ')}`;
  }
  if (union instanceof z.ZodUnion) {
    return `must be ${union.options.map(describeForm).join(' or ')}`;
  }
  return undefined;
}

function describeForm(option: z.core.SomeType): string {
  if (option instanceof z.ZodObject) return `{ ${Object.keys(option.shape).join(', ')} }`;
  return option instanceof z.ZodRecord ? 'an object' : option._zod.def.type;
}

function objectOptions(union: z.ZodUnion): readonly z.ZodObject[] {
  return union.options.filter((option): option is z.ZodObject => option instanceof z.ZodObject);
}

function literalsOf(schema: unknown): readonly unknown[] {
  return schema instanceof z.ZodLiteral ? [...schema.values] : [];
}

function membersAt(schema: z.ZodType, path: readonly PropertyKey[], input: unknown): readonly string[] {
  const found = schemaAt(schema, path, input);
  if (found instanceof z.ZodObject) return Object.keys(found.shape);
  return [];
}

/** Follows a path of a value through a schema; of a union, the branch that the value's discriminator names. */
function schemaAt(schema: unknown, path: readonly PropertyKey[], input: unknown): z.ZodType | undefined {
  let current = unwrap(schema);
  let value = input;
  for (const part of path) {
    current = unwrap(chooseBranch(current, value));
    if (current instanceof z.ZodObject) current = unwrap(current.shape[String(part)]);
    else if (current instanceof z.ZodArray) current = unwrap(current.element);
    else if (current instanceof z.ZodRecord) current = unwrap(current.valueType);
    else return undefined;
    value = memberOf(value, part);
  }
  const chosen = value === undefined ? current : unwrap(chooseBranch(current, value));
  return chosen instanceof z.ZodType ? chosen : undefined;
}

function chooseBranch(schema: unknown, value: unknown): unknown {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { discriminator } = schema.def;
  const named = memberOf(value, discriminator);
  const branch = objectOptions(schema).find((option) =>
    literalsOf(option.shape[discriminator]).includes(named),
  );
  return branch ?? schema;
}

function unwrap(schema: unknown): unknown {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodNullable ||
    current instanceof z.ZodDefault
  ) {
    current = current.unwrap();
  }
  return current;
}

function memberOf(value: unknown, part: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, part)?.value;
}

function showLiteral(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…"`;
}
