import { InputError } from '../core/errors.ts';
import type { Argv, Goals, Workload } from '../core/model/goals.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { measurerOf } from './kinds/index.ts';

/** Every command that measuring a workload or checking correctness would run, each once. */
export function commandsOf(goals: Goals, workloads: readonly Workload[] = goals.workloads): readonly Argv[] {
  const all = workloads.flatMap((workload) => [...(workload.setup ?? []), ...measurerOf(workload).commands]);
  if (goals.correctness?.test) all.push(goals.correctness.test);
  const seen = new Map(all.map((command) => [JSON.stringify(command), command]));
  return [...seen.values()];
}

/**
 * A command that came in a define_goals call was shown to the person by the client. One that only stands in a committed
 * file has been seen by nobody: it is not run until somebody confirms it.
 */
export async function requireApproval(
  ports: Ports,
  project: Project,
  commands: readonly Argv[],
): Promise<void> {
  const missing = await ports.approvals.missing(project.directory, commands);
  if (missing.length === 0) return;
  const list = missing.map((command) => JSON.stringify(command)).join(', ');
  throw new InputError(
    'commands_not_approved',
    `goals.json names ${missing.length === 1 ? 'a command' : 'commands'} that nobody has confirmed on this machine: ${list}.`,
    {
      fix: 'Show them to the person. If they agree, call define_goals with approve_commands set to exactly these.',
      next: [
        {
          tool: 'define_goals',
          arguments: { approve_commands: missing },
          why: 'confirm the commands, once per machine',
        },
      ],
    },
  );
}
