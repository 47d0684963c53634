import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Effort } from '../src/core/model/measurement.ts';
import { connect, type Connection } from './example-project.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/judged-program', import.meta.url));

/** Rounds of the program as it stands: 5 % more are two. */
export const ROUNDS = 40;

export interface JudgedProgram {
  readonly connection: Connection;
  /** For the environment of the workload: where its processes say how long they were there. */
  readonly lifetimesFile: string;
  /** So much work a call; the comment makes it a change of its own, and not a repeat of an earlier one. */
  change(rounds: number, comment: string): Promise<void>;
  /** How long each of its processes was there since this was asked last, in ms, in the order of their ends. */
  takeLifetimesMs(): Promise<readonly number[]>;
}

/** Its function; `env` is what tells how long its processes were there. */
export function workFunction(env: Readonly<Record<string, string>> = {}) {
  return {
    name: 'work',
    kind: 'function',
    module: 'work.mjs',
    export: 'work',
    args: { module: 'inputs.mjs', export: 'inputs' },
    env,
  };
}

interface JudgedProgramOptions {
  readonly effort: Effort;
  /** For define_goals. */
  readonly goals: (program: JudgedProgram) => Readonly<Record<string, unknown>>;
}

/** Measures the baseline of the program, has changes of it judged, and leaves nothing. */
export async function withJudgedProgram<Result>(
  { effort, goals }: JudgedProgramOptions,
  judge: (program: JudgedProgram) => Promise<Result>,
): Promise<Result> {
  const program = await openJudgedProgram();
  try {
    await program.connection.call('define_goals', goals(program));
    await program.connection.call('measure_baseline', { effort });
    await program.takeLifetimesMs();
    return await judge(program);
  } finally {
    await program.remove();
  }
}

/** A copy of bench/fixtures/judged-program, with a server of its own in it. */
async function openJudgedProgram(): Promise<JudgedProgram & { remove(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'deep-optimize-bench-'));
  const directory = join(home, 'program');
  await cp(PROGRAM, directory, { recursive: true });
  const file = join(directory, 'work.mjs');
  const original = await readFile(file, 'utf8');
  const line = `const ROUNDS = ${ROUNDS};`;
  if (!original.includes(line)) throw new Error(`bench/fixtures/judged-program/work.mjs has no "${line}".`);
  const lifetimesFile = join(home, 'lifetimes.jsonl');
  await writeFile(lifetimesFile, '');
  const connection = await connect(directory, join(home, 'state'));
  return {
    connection,
    lifetimesFile,
    change: (rounds, comment) =>
      writeFile(file, `${original.replace(line, `const ROUNDS = ${rounds};`)}// ${comment}\n`),
    takeLifetimesMs: async () => {
      const lines = (await readFile(lifetimesFile, 'utf8')).split('\n').filter((text) => text !== '');
      await writeFile(lifetimesFile, '');
      return lines.map((text) => {
        const [from, to] = JSON.parse(text) as readonly [number, number];
        return to - from;
      });
    },
    remove: async () => {
      await connection.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
