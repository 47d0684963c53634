import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Kysely } from 'kysely';
import { EnvironmentError, InputError } from '../../core/errors.ts';
import { artifactSchema } from '../../core/model/evidence.ts';
import type { Artifact } from '../../core/model/evidence.ts';
import type { Store } from '../../core/ports/store.ts';
import { artifactsDirectory, isRecordId, locateArtifact } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { checkNewId, fit, readable } from './documents.ts';
import type { OnUnreadable } from './documents.ts';
import { boundsOf, unknownId } from './pages.ts';
import type { Tables } from './schema.ts';

const COLUMNS = ['id', 'run_id', 'kind', 'title', 'mime_type', 'file', 'bytes', 'created_at'] as const;

export function createArtifacts(
  db: Kysely<Tables>,
  stateDirectory: string,
  onUnreadable: OnUnreadable,
): Store['artifacts'] {
  const get = async (id: string): Promise<Artifact | undefined> => {
    if (!isRecordId(id)) return undefined;
    const row = await db.selectFrom('artifacts').select(COLUMNS).where('id', '=', id).executeTakeFirst();
    return row && fit(artifactSchema, row.id, row);
  };

  return {
    create: async ({ extension, ...rest }, content) => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const file = `${checkNewId(rest.id)}.${extension}`;
      const artifact = fit(artifactSchema, rest.id, { ...rest, file, bytes: bytes.byteLength });
      const target = locateArtifact(stateDirectory, artifact);
      const temporary = join(stateDirectory, 'tmp', randomUUID());
      try {
        await mkdir(dirname(target), { recursive: true });
        await mkdir(dirname(temporary), { recursive: true });
        await refuseLinks(stateDirectory, artifact);
        await writeFile(temporary, bytes);
        // The record first: a second artifact of the same id fails here, before it replaces the file of the first.
        await db.transaction().execute(async (transaction) => {
          await transaction.insertInto('artifacts').values(artifact).execute();
          await rename(temporary, target);
        });
      } catch (error) {
        await rm(temporary, { force: true });
        throw toWriteFailure(error, target);
      }
      return artifact;
    },
    get,
    read: async (id) => {
      const artifact = await get(id);
      if (artifact === undefined) throw unknownId(id);
      const path = locateArtifact(stateDirectory, artifact);
      await refuseLinks(stateDirectory, artifact);
      try {
        return await readFile(path);
      } catch (cause) {
        throw new InputError(
          'unknown_id',
          `The file of artifact ${id} is no longer there (${artifact.file}).`,
          {
            fix: 'Repeat the run that made it.',
            cause,
          },
        );
      }
    },
    path: (artifact) => locateArtifact(stateDirectory, artifact),
    list: async (page) => {
      const { below, limit } = await boundsOf(db, 'artifacts', page);
      let query = db.selectFrom('artifacts').select(COLUMNS).orderBy('seq', 'desc').limit(limit);
      if (below !== undefined) query = query.where('seq', '<', below);
      return readable(await query.execute(), (row) => fit(artifactSchema, row.id, row), onUnreadable);
    },
  };
}

/** A repository can bring a history and links along: a link would show any file of the machine as an artifact. */
async function refuseLinks(stateDirectory: string, artifact: Artifact): Promise<void> {
  const folder = artifactsDirectory(stateDirectory);
  const [real, state] = await Promise.all([
    realpath(folder).catch(() => undefined),
    realpath(stateDirectory),
  ]);
  const entry = await lstat(join(folder, artifact.file)).catch(() => undefined);
  const elsewhere = real !== undefined && real !== artifactsDirectory(state);
  if (!elsewhere && (entry === undefined || entry.isFile())) return;
  throw new EnvironmentError('state_corrupt', `Artifact ${artifact.id} is not a plain file in ${folder}.`, {
    fix: 'Remove the link; deep-optimize writes artifacts as plain files only.',
  });
}
