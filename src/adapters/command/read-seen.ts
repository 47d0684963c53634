import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createBounder, type Bounder } from '../../core/behaviour/bound-value.ts';
import type { Value } from '../../core/behaviour/model.ts';
import { createPlaceRemover } from '../../core/behaviour/places.ts';
import type { CommandRun, CommandRunSpec } from '../../core/ports/command-runs.ts';

/** A larger file is hashed as it is, in a stream. */
const LARGEST_READ = 16 * 1024 * 1024;
/** Of a digest's start, in bytes. */
const KEPT_START = 4_000;

/** What a command printed and which files it wrote, when it has ended. */
export async function readSeen(
  { expect, scope }: CommandRunSpec,
  stdoutFile: string,
): Promise<NonNullable<CommandRun['seen']>> {
  const hide = createPlaceRemover(scope?.places ?? []);
  const bounder = createBounder();
  const files: Record<string, Value> = {};
  for (const path of expect.files) {
    const value = await readValue(path, hide, bounder);
    if (value !== undefined) files[path] = value;
  }
  const stdout = await readValue(stdoutFile, hide, bounder);
  return { stdout: stdout ?? { kind: 'text', text: '' }, files };
}

/** Undefined for what is no file: the launcher tells of those that are missing, and folders are not looked into. */
async function readValue(
  path: string,
  hide: (text: string) => string,
  bound: Bounder,
): Promise<Value | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  if (found.size > LARGEST_READ) return await digest(path, found.size);
  const bytes = await readFile(path);
  const text = bytes.toString('utf8');
  // What is no text has no lines, and no names of places in it.
  if (!Buffer.from(text, 'utf8').equals(bytes))
    return bound({ kind: 'text', text: bytes.toString('base64') });
  return bound({ kind: 'text', text: hide(text) });
}

async function digest(path: string, bytes: number): Promise<Value> {
  const hash = createHash('sha256');
  let start = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const part = chunk as Buffer;
    hash.update(part);
    if (start.length < KEPT_START) start = Buffer.concat([start, part]).subarray(0, KEPT_START);
  }
  return { kind: 'digest', sha256: hash.digest('hex'), bytes, start: start.toString('utf8') };
}
