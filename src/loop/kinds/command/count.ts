import { programName } from '../../../core/program-name.ts';
import { InternalError, TargetError } from '../../../core/errors.ts';
import type { CountedRun } from '../../../core/ports/command-runs.ts';
import type { Ports } from '../../../core/ports/index.ts';
import { seededRandom } from '../../../core/random.ts';
import { runLine } from './run-line.ts';
import type { CommandRequest } from './sample.ts';

export interface Counts {
  readonly instructions: number | null;
  readonly flags: readonly string[];
}

const NOT_ASKED: Counts = { instructions: null, flags: [] };

/** V8 decides by the clock what it compiles, so that counts of one program differ, and valgrind slows it down beyond use. */
const COMPILES_AT_RUN_TIME = ['node', 'npm', 'npx', 'tsx', 'deno', 'bun'];

/**
 * Instructions of one fresh run of each combination, for workloads that say they are deterministic. Runs of their own,
 * after the timed ones: what is counted is not timed.
 */
export async function countInstructions(ports: Ports, request: CommandRequest): Promise<Counts> {
  const { workload, lines, seed } = request;
  if (workload.deterministic !== true) return NOT_ASKED;
  if (COMPILES_AT_RUN_TIME.includes(programName(workload.command)))
    return { instructions: null, flags: ['uncounted-node'] };
  let sum = 0;
  for (const line of seededRandom(seed).shuffle(lines)) {
    const { instructions, hasValgrind } = await countOne(ports, request, line);
    if (!hasValgrind) return { instructions: null, flags: ['no-valgrind'] };
    if (instructions === null) return { instructions: null, flags: ['uncounted'] };
    sum += instructions;
  }
  return { instructions: sum, flags: ['counted-instructions'] };
}

async function countOne(
  ports: Ports,
  request: CommandRequest,
  line: CommandRequest['lines'][number],
): Promise<CountedRun> {
  let counted: CountedRun | undefined;
  try {
    await runLine(ports, request, line, async (spec) => {
      counted = await ports.commandRuns.countInstructions(spec, request.signal);
      return counted.run;
    });
  } catch (error) {
    if (counted?.hasValgrind === false) return counted;
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError('command_failed', `Under valgrind: ${error.message}`, {
      fix: 'Take "deterministic" out of the workload if it only fails there; it is then judged by CPU time.',
      ...(error.output === undefined ? {} : { output: error.output }),
    });
  }
  if (counted) return counted;
  throw new InternalError('internal', 'A run under valgrind ended without a result.', {
    fix: 'Report this as a defect, with the run id.',
  });
}
