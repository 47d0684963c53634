import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { InputError } from '../../core/errors.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { explainIssues } from '../../core/explain-issues.ts';
import { lineAndColumn, mapJson } from '../../core/json-map.ts';
import type { JsonMap } from '../../core/json-map.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { writeAtomically } from './write-atomically.ts';

/** A JSON file of the project that people write and review. */
export interface CommittedFile<Schema extends z.ZodType> {
  /** Below `.deep-optimize/`. */
  readonly name: string;
  readonly schema: Schema;
  readonly code: Extract<ErrorCode, 'invalid_goals' | 'invalid_budgets'>;
  /** Of the published schema, for editors: relative to the file. */
  readonly schemaPath: string;
}

/** Far above what a person writes; keeps a mistaken file from filling memory. */
const MAX_BYTES = 4 * 2 ** 20;
const MAX_ISSUES = 5;

/** Undefined when there is no such file. */
export async function readCommitted<Schema extends z.ZodType>(
  project: string,
  file: CommittedFile<Schema>,
): Promise<z.infer<Schema> | undefined> {
  const { schema, code } = file;
  const shown = shownPath(file);
  const text = await readText(join(project, STATE_DIRECTORY, file.name), shown, code);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const { fault } = mapJson(text);
    const { line, column } = lineAndColumn(text, fault?.offset ?? 0);
    const expected = fault === undefined ? 'JSON' : fault.expected;
    throw new InputError(code, `${shown}, line ${line}, column ${column}: expected ${expected}.`, {
      fix: `Correct the file at that place. It was left untouched.`,
      cause,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const map = mapJson(text);
  const issues = explainIssues(schema, parsed.error, value);
  const lines = issues.slice(0, MAX_ISSUES).map((issue) => {
    const line = lineOf(text, map, issue.path);
    const place = line === undefined ? '' : ` (line ${line})`;
    return `${issue.at === '' ? 'the whole file' : issue.at}${place}: ${issue.message}`;
  });
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : '';
  throw new InputError(code, `${shown} does not fit its schema. ${lines.join('; ')}${more}.`, {
    fix: 'Correct these places. The file was left untouched.',
    cause: parsed.error,
  });
}

/** Returns the path of the file, relative to the project. Never replaces a file that could not be read. */
export async function writeCommitted<Schema extends z.ZodType<{ readonly $schema?: string | undefined }>>(
  project: string,
  file: CommittedFile<Schema>,
  content: z.infer<Schema>,
): Promise<string> {
  const existing = await readCommitted(project, file);
  const parsed = file.schema.safeParse(content);
  if (!parsed.success) {
    const lines = explainIssues(file.schema, parsed.error, content)
      .slice(0, MAX_ISSUES)
      .map((issue) => `${issue.at}: ${issue.message}`);
    throw new InputError(
      file.code,
      `This is nothing that ${shownPath(file)} can hold. ${lines.join('; ')}.`,
      {
        fix: 'Correct these values. The file was left untouched.',
        cause: parsed.error,
      },
    );
  }
  const $schema = parsed.data.$schema ?? existing?.$schema ?? file.schemaPath;
  const ordered = { $schema, version: 1, ...parsed.data };
  const text = `${JSON.stringify({ ...ordered, $schema }, null, 2)}\n`;
  await writeAtomically(join(project, STATE_DIRECTORY, file.name), text);
  return shownPath(file);
}

/** Of the value, or of what surrounds it when it is missing. */
function lineOf(text: string, map: JsonMap, path: readonly PropertyKey[]): number | undefined {
  const offset = map.offsetOf(path) ?? map.offsetOf(path.slice(0, -1));
  return offset === undefined ? undefined : lineAndColumn(text, offset).line;
}

function shownPath(file: Pick<CommittedFile<z.ZodType>, 'name'>): string {
  return `${STATE_DIRECTORY}/${file.name}`;
}

async function readText(path: string, shown: string, code: ErrorCode): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new InputError(code, `${shown} has ${size} bytes; at most ${MAX_BYTES} are read.`, {
        fix: 'Check that this is the right file. It was left untouched.',
      });
    }
    // Some editors of Windows begin a file with a byte order mark; JSON.parse refuses it.
    return (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return undefined;
    throw new InputError(code, `${shown} cannot be read (${reason}).`, {
      fix: 'Make it a file that this user may read.',
      cause,
    });
  }
}
