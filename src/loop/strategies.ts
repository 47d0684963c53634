import { InputError } from '../core/errors.ts';
import type { Bottleneck } from '../core/model/evidence.ts';
import { NO_GOALS } from '../core/model/goals.ts';
import type { Strategy } from '../core/model/strategy.ts';
import type { Project } from '../core/ports/project.ts';
import { gradeProposal, type Proposal, type ProposalGrade } from '../core/strategies/grade-proposal.ts';
import { proposeStrategies } from '../core/strategies/propose.ts';
import type { History } from '../core/strategies/tried.ts';

export interface StrategiesRequest {
  readonly workload?: string | undefined;
  readonly bottleneck_id?: string | undefined;
  readonly own?: Omit<Proposal, 'bottleneck'> | undefined;
}

export interface Strategies {
  readonly bottlenecks: readonly Bottleneck[];
  readonly strategies: readonly Strategy[];
  readonly grade: ProposalGrade | null;
}

/** Experiments that are looked through for what was tried before. */
const REMEMBERED = 200;

/** Step 4: remedies from the catalogue for what was found, or the grade of the agent's own idea, by the same rules. */
export async function findStrategies(project: Project, request: StrategiesRequest): Promise<Strategies> {
  const goals = (await project.files.readGoals()) ?? NO_GOALS;
  const bottlenecks = await findBottlenecksFor(project, request);
  const history = await readHistory(project, request.workload ?? bottlenecks[0]?.workload);
  const first = bottlenecks[0];
  return {
    bottlenecks,
    strategies: proposeStrategies(bottlenecks, goals, history),
    grade: request.own && first ? gradeProposal({ ...request.own, bottleneck: first }, goals, history) : null,
  };
}

async function findBottlenecksFor(
  project: Project,
  { workload, bottleneck_id }: StrategiesRequest,
): Promise<readonly Bottleneck[]> {
  if (bottleneck_id !== undefined) {
    const found = await project.store.bottlenecks.get(bottleneck_id);
    if (found) return [found];
    throw new InputError('unknown_id', `There is no bottleneck "${bottleneck_id}".`, {
      fix: 'Use a bottleneck_id of find_bottlenecks.',
      next: [{ tool: 'get_history', arguments: { section: 'bottlenecks' }, why: 'list them' }],
    });
  }
  const latest = await project.store.bottlenecks.latest(workload);
  if (latest.length > 0) return latest;
  throw new InputError(
    'unknown_id',
    'No bottlenecks are known yet: strategies are for findings, not for guesses.',
    {
      fix: 'Find bottlenecks first.',
      next: [
        {
          tool: 'find_bottlenecks',
          arguments: workload === undefined ? {} : { workload },
          why: 'see what costs the most',
        },
      ],
    },
  );
}

/** What was tried, with the places that earlier findings named: the same place has a new id after each run. */
async function readHistory(project: Project, workload: string | undefined): Promise<History> {
  const experiments = await project.store.experiments.list({
    limit: REMEMBERED,
    ...(workload === undefined ? {} : { workload }),
  });
  const ids = new Set(
    experiments.flatMap(({ strategy_id: id }) => (id === null ? [] : [id.slice(0, id.lastIndexOf('--'))])),
  );
  const past = new Map<string, Bottleneck>();
  for (const id of ids) {
    const bottleneck = await project.store.bottlenecks.get(id);
    if (bottleneck) past.set(id, bottleneck);
  }
  return { experiments, pastBottlenecks: past };
}
