import type { Kysely, Transaction } from 'kysely';
import { sampleSchema } from '../../core/model/measurement.ts';
import type { Sample } from '../../core/model/measurement.ts';
import { isRecordId } from '../../core/state-layout.ts';
import { decode, encode } from './documents.ts';
import type { Tables } from './schema.ts';

type SampleTableName = 'baseline_samples' | 'experiment_samples';

/** Rows of one statement; SQLite allows 32,766 parameters and PostgreSQL 65,535. */
const CHUNK = 500;

export async function insertSamples(
  transaction: Transaction<Tables>,
  table: SampleTableName,
  ownerId: string,
  samples: readonly Sample[],
): Promise<void> {
  const rows = samples.map((sample, ordinal) => ({
    owner_id: ownerId,
    ordinal,
    document: encode(sampleSchema, `${ownerId} (sample ${ordinal})`, sample),
  }));
  for (let start = 0; start < rows.length; start += CHUNK) {
    await transaction
      .insertInto(table)
      .values(rows.slice(start, start + CHUNK))
      .execute();
  }
}

/** In the order in which they were given. One that cannot be read rejects: statistics must not lose samples silently. */
export async function selectSamples(
  db: Kysely<Tables>,
  table: SampleTableName,
  ownerId: string,
): Promise<readonly Sample[]> {
  if (!isRecordId(ownerId)) return [];
  const rows = await db
    .selectFrom(table)
    .select(['ordinal', 'document'])
    .where('owner_id', '=', ownerId)
    .orderBy('ordinal')
    .execute();
  return rows.map((row) => decode(sampleSchema, `${ownerId} (sample ${row.ordinal})`, row.document));
}
