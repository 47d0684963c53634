import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { goalsSchema, type Goals } from '../../src/core/model/goals.ts';

const run = promisify(execFile);
export const REPOSITORY = join(import.meta.dirname, '..', '..');
export const BOTTLENECKS = join(REPOSITORY, 'examples', 'bottlenecks');

/** The one without a planted bottleneck. */
export const HEALTHY = 'healthy';

const placeSchema = z.strictObject({
  file: z.string(),
  /** Any of them, or a line inside of one; absent: anywhere in the file. */
  functions: z.array(z.string()).min(1).optional(),
  /** A part of the statement, in lower case, with single spaces and without parameters. */
  statement: z.string().optional(),
  /** A part of the URL. */
  url: z.string().optional(),
});
type Place = z.infer<typeof placeSchema>;

export const truthSchema = z.strictObject({
  /** Detectors that would name this very cause, the most telling one first. */
  kinds: z.array(z.string()).min(1),
  location: placeSchema,
  /** Other places that a reader would take to the cause just as well. */
  also_at: z.array(placeSchema).optional(),
  visible_to_cpu_profile: z.boolean(),
  why: z.string(),
  remedy: z.string(),
});
export type Truth = z.infer<typeof truthSchema>;

export type Side = 'slow' | 'fixed';

/** Every example that plants a bottleneck, by name. */
export const PLANTED: readonly string[] = readdirSync(BOTTLENECKS)
  .filter((name) => existsSync(join(BOTTLENECKS, name, 'truth.json')))
  .sort();

export function readTruth(name: string): Truth {
  return truthSchema.parse(readJson(join(BOTTLENECKS, name, 'truth.json')));
}

export function readGoalsOf(name: string): Goals {
  return goalsSchema.parse(readJson(join(BOTTLENECKS, name, 'goals.json')));
}

export function needsPostgres(name: string): boolean {
  return existsSync(join(BOTTLENECKS, name, 'schema.sql'));
}

/** A copy in a directory of its own that finds our packages; `fixed` has the patch applied. Answers it says nothing about. */
export async function copySide(name: string, side: Side, into: string): Promise<string> {
  const project = join(into, `${name}-${side}`);
  // Neither the answer nor the way to it may lie in what is measured.
  const spoilers = ['README.md', 'truth.json', 'fix.patch'].map((file) => join(BOTTLENECKS, name, file));
  cpSync(join(BOTTLENECKS, name), project, { recursive: true, filter: (path) => !spoilers.includes(path) });
  symlinkSync(realpathSync(join(REPOSITORY, 'node_modules')), join(project, 'node_modules'), 'dir');
  if (side === 'fixed') {
    await run('git', ['apply', join(BOTTLENECKS, name, 'fix.patch')], { cwd: project });
  }
  return project;
}

export interface Service {
  readonly url: string;
  readonly pid: number;
  /** Asks it to end, as a deployment would; resolves to how it ended. */
  stop(): Promise<readonly [code: number | null, signal: string | null]>;
}

/** Starts the program of an example in a copy of it. */
export async function startService(
  name: string,
  project: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Service> {
  const [workload] = readGoalsOf(name).workloads;
  const [command, ...args] = workload?.kind === 'http' ? (workload.start?.command ?? []) : [];
  if (command === undefined) throw new Error(`${name} has no start command`);
  const program = spawn(command === 'node' ? process.execPath : command, args, {
    cwd: project,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exited = once(program, 'exit') as Promise<[number | null, string | null]>;
  const [first] = (await Promise.race([once(program.stdout.setEncoding('utf8'), 'data'), exited])) as [
    unknown,
  ];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(first))?.[0];
  if (url === undefined || program.pid === undefined) {
    program.kill('SIGKILL');
    throw new Error(`${name} said ${String(first)}: ${said}`);
  }
  return {
    url,
    pid: program.pid,
    stop: async () => {
      program.kill('SIGTERM');
      const giveUp = setTimeout(() => program.kill('SIGKILL'), 10_000);
      const ended = await exited;
      clearTimeout(giveUp);
      return ended;
    },
  };
}

/** A finding, as far as its truth is concerned. */
export interface Found {
  readonly kind: string;
  readonly location: {
    readonly function?: string | undefined;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
    readonly statement?: string | undefined;
    readonly url?: string | undefined;
  };
}

/** Whether a finding about a copy of an example names the planted cause, at its place. */
export function isTruth({ kind, location }: Found, name: string, project: string): boolean {
  const truth = readTruth(name);
  return (
    truth.kinds.includes(kind) &&
    [truth.location, ...(truth.also_at ?? [])].some((place) => isAt(location, place, project))
  );
}

function isAt(location: Found['location'], place: Place, project: string): boolean {
  const says = (text: string | undefined, part: string | undefined): boolean =>
    text !== undefined && part !== undefined && normalize(text).includes(part);
  if (says(location.statement, place.statement) || says(location.url, place.url)) return true;
  if (location.file !== place.file) return false;
  if (place.functions === undefined) return true;
  const { function: named, line } = location;
  return place.functions.some((wanted) => {
    // "async getJson", "Object.getJson"
    if (named?.split(/[\s.]/).at(-1) === wanted) return true;
    const [first, last] = linesOf(join(project, place.file), wanted) ?? [Infinity, 0];
    return line !== undefined && line >= first && line <= last;
  });
}

/** First and last line, 1-based, of a function or class at the top level of a formatted file; undefined: there is none. */
export function linesOf(file: string, wanted: string): readonly [number, number] | undefined {
  const lines = readFileSync(file, 'utf8').split('\n');
  const first = lines.findIndex((line) =>
    new RegExp(`^(export )?((async )?function|class) ${wanted}\\b`).test(line),
  );
  const length = lines.slice(first).findIndex((line) => line === '}');
  if (first < 0 || length < 0) return undefined;
  return [first + 1, first + 1 + length];
}

function normalize(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ');
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
