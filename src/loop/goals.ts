import type { Draft, Missing } from '../core/goals/draft.ts';
import { mergeGoals, type GoalsPatch } from '../core/goals/merge.ts';
import type { Argv, Goals } from '../core/model/goals.ts';
import { NO_GOALS } from '../core/model/goals.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { commandsOf } from './consent.ts';
import type { ImportRequest } from './import-requests.ts';

export type DefinedGoals =
  | { readonly state: 'draft'; readonly draft: Draft }
  | {
      readonly state: 'current' | 'saved';
      readonly goals: Goals;
      readonly file: string | null;
      readonly missing: readonly Missing[];
      readonly unapproved: readonly Argv[];
    };

export interface DefineGoalsRequest extends GoalsPatch {
  readonly approve_commands?: readonly Argv[] | undefined;
  readonly import?: ImportRequest | undefined;
}

/**
 * Step 1. Bare: the present goals, or a draft where there are none (nothing is written: a person confirms first). With
 * a file to import: a draft of a workload with its requests. With records: merged by name and saved. Commands that came
 * in the call count as seen by the person; those that only stood in the file have to be named in `approve_commands`.
 */
export async function defineGoals(
  ports: Ports,
  project: Project,
  request: DefineGoalsRequest,
): Promise<DefinedGoals> {
  const { approve_commands = [], import: source, ...patch } = request;
  if (source !== undefined) {
    const { draftFromImport } = await import('./import-requests.ts');
    return { state: 'draft', draft: await draftFromImport(project, source) };
  }
  const current = await project.files.readGoals();
  const changes = Object.values(patch).some((part) => part !== undefined);
  if (!changes && approve_commands.length === 0) {
    if (!current) {
      // Reads YAML, among others: loaded by the call that needs it (docs/adr/0006).
      const { draftGoals } = await import('../core/goals/draft.ts');
      return { state: 'draft', draft: draftGoals(await project.files.facts()) };
    }
    return await describe(ports, project, current, 'current', null);
  }
  const before = current ?? NO_GOALS;
  const goals = changes ? mergeGoals(before, patch) : before;
  const file = changes ? await project.files.writeGoals(goals) : null;
  const known = new Set(commandsOf(before).map((command) => JSON.stringify(command)));
  const fromThisCall = commandsOf(goals).filter(
    (command) => !known.has(JSON.stringify(command)) || isIn(patch, command),
  );
  await ports.approvals.approve(project.directory, [...fromThisCall, ...approve_commands]);
  return await describe(ports, project, goals, changes ? 'saved' : 'current', file);
}

/** Whether the call itself spelled the command out, so that the client showed it. */
function isIn(patch: GoalsPatch, command: Argv): boolean {
  return JSON.stringify(patch).includes(JSON.stringify(command));
}

async function describe(
  ports: Ports,
  project: Project,
  goals: Goals,
  state: 'current' | 'saved',
  file: string | null,
): Promise<DefinedGoals> {
  const unapproved = await ports.approvals.missing(project.directory, commandsOf(goals));
  return { state, goals, file, missing: stillMissing(goals), unapproved };
}

function stillMissing(goals: Goals): readonly Missing[] {
  const missing: Missing[] = [];
  if (goals.workloads.length === 0)
    missing.push({ what: 'workloads', why: 'nothing can be measured without one' });
  for (const { name } of goals.workloads) {
    if (!goals.objectives.some((o) => o.workload === name)) {
      missing.push({ what: `objectives of ${name}`, why: 'without a target nobody knows when to stop' });
    }
  }
  const draftWorkloads = goals.workloads.filter((w) => w.draft === true).map((w) => w.name);
  if (draftWorkloads.length > 0)
    missing.push({
      what: `workloads ${draftWorkloads.join(', ')}`,
      why: 'still drafts: confirm them with the person, and give them again',
    });
  const drafts = goals.objectives.filter((o) => o.draft === true).map((o) => `${o.workload}.${o.metric}`);
  if (drafts.length > 0)
    missing.push({ what: drafts.join(', '), why: 'still drafts: confirm the numbers with the person' });
  const draftConstraints = goals.constraints.filter((c) => c.draft === true).map((c) => c.name);
  if (draftConstraints.length > 0)
    missing.push({ what: `constraints ${draftConstraints.join(', ')}`, why: 'still drafts' });
  if (!goals.correctness?.test)
    missing.push({ what: 'correctness.test', why: 'changes cannot be checked for correctness' });
  return missing;
}
