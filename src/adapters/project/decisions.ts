import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InternalError } from '../../core/errors.ts';
import type { Decision } from '../../core/model/guard.ts';
import type { ProjectFiles } from '../../core/ports/project.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { writeAtomically } from './write-atomically.ts';

const FILE = /^(\d{4})-[^/\\]*\.md$/;
const MAX_SLUG = 60;
const LAST_NUMBER = 9999;

export async function listDecisions(
  project: string,
): Promise<Awaited<ReturnType<ProjectFiles['decisions']>>> {
  const names = (await fileNames(project)).filter((name) => FILE.test(name)).sort();
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folderOf(project), name), 'utf8').catch(() => undefined);
      if (text === undefined) return [];
      const title = /^#\s+(?:\d{4}\.\s+)?(.+)$/m.exec(text)?.[1]?.trim() ?? name.slice(5, -3);
      return [{ id: name.slice(0, 4), file: shownPath(name), title, text }];
    }),
  );
  return found.flat();
}

export async function writeDecision(
  project: string,
  decision: Omit<Decision, 'id' | 'file'>,
  markdown: (id: string) => string,
): Promise<Decision> {
  const reservations = join(project, STATE_DIRECTORY, 'tmp');
  for (let number = (await lastNumber(project)) + 1; number <= LAST_NUMBER; number++) {
    const id = String(number).padStart(4, '0');
    const reservation = join(reservations, `decision-${id}`);
    if (!(await reserve(reservations, reservation))) continue;
    try {
      // Another process may have finished this number between the look and the reservation.
      if ((await lastNumber(project)) >= number) continue;
      const name = `${id}-${toSlug(decision.title)}.md`;
      await writeAtomically(join(folderOf(project), name), markdown(id));
      return { ...decision, id, file: shownPath(name) };
    } finally {
      await rm(reservation, { force: true });
    }
  }
  throw new InternalError('internal', `There is no decision number left below ${LAST_NUMBER}.`, {
    fix: 'Move older decisions to another directory.',
  });
}

/** A number that a crashed process left reserved is skipped; gaps in the numbers do no harm. */
async function reserve(folder: string, reservation: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(reservation, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw toWriteFailure(error, reservation);
  }
}

async function lastNumber(project: string): Promise<number> {
  const numbers = (await fileNames(project)).map((name) => Number(FILE.exec(name)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

async function fileNames(project: string): Promise<readonly string[]> {
  return readdir(folderOf(project)).catch(() => []);
}

function folderOf(project: string): string {
  return join(project, STATE_DIRECTORY, 'decisions');
}

function shownPath(name: string): string {
  return `${STATE_DIRECTORY}/decisions/${name}`;
}

function toSlug(title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'decision' : slug;
}
