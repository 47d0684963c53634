import type { z } from 'zod';
import { InternalError } from '../../core/errors.ts';
import { isRecordId } from '../../core/state-layout.ts';

/** Checked when written, too: JSON turns NaN into null without a word, and then the record could not be read again. */
export function encode<Schema extends z.ZodType>(
  schema: Schema,
  id: string,
  record: z.infer<Schema>,
): string {
  const parsed = schema.safeParse(record);
  if (!parsed.success) throw unfit(id, 'written', parsed.error);
  return JSON.stringify(parsed.data);
}

/** For our own records only: an id from outside is looked up, never written. */
export function checkNewId(id: string): string {
  if (isRecordId(id)) return id;
  throw new InternalError('internal', `${JSON.stringify(id)} is not usable as the id of a record.`, {
    fix: 'Please report this as a defect of deep-optimize.',
  });
}

export function decode<Schema extends z.ZodType>(
  schema: Schema,
  id: string,
  document: string,
): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch (error) {
    throw unfit(id, 'read', error);
  }
  return fit(schema, id, value);
}

export function fit<Schema extends z.ZodType>(schema: Schema, id: string, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unfit(id, 'read', parsed.error);
  return parsed.data;
}

/** Called with each record that a list leaves out because it cannot be read. */
export type OnUnreadable = (error: InternalError) => void;

/** One broken record must not hide the others. */
export function readable<Row, Item>(
  rows: readonly Row[],
  read: (row: Row) => Item,
  onUnreadable: OnUnreadable,
): readonly Item[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      if (!(error instanceof InternalError)) throw error;
      onUnreadable(error);
      return [];
    }
  });
}

function unfit(id: string, verb: string, cause: unknown): InternalError {
  return new InternalError(
    'internal',
    `The record ${id} cannot be ${verb}: it does not have the expected shape.`,
    {
      fix: 'The other records are not affected. Please report this as a defect of deep-optimize.',
      cause,
    },
  );
}
