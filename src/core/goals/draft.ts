import type { Argv, Constraint, Goals, Objective, Workload } from '../model/goals.ts';
import type { ProjectFacts } from '../ports/project.ts';
import { draftCommands } from './draft-commands.ts';
import { draftFunctions } from './draft-functions.ts';
import { draftQueries } from './draft-queries.ts';
import { draftService, isService } from './draft-service.ts';
import { listFew, uniqueName } from './imported-requests.ts';
import type { Missing } from './imported-requests.ts';

export type { Missing } from './imported-requests.ts';

export interface Draft {
  readonly goals: Goals;
  readonly missing: readonly Missing[];
  /** What the draft was made from, for the person who confirms it. */
  readonly found: readonly string[];
}

/** What one kind of workload has to say about a project. */
export interface DraftPart {
  /** The most valuable first. */
  readonly workloads: readonly Workload[];
  readonly found: readonly string[];
  /** About workloads by name; those of no workload are told in any case. */
  readonly missing: readonly (Missing & { readonly about?: string })[];
}

/** A first set of goals is read and confirmed by a person: a handful. */
const MAX_WORKLOADS = 5;
/** Of each kind before any kind gets more. */
const FIRST_OF_A_KIND = 2;

/**
 * A first version of goals from what the files say. Everything in it is marked as a draft: nobody can read an SLO, or
 * which path is hot, out of source code.
 */
export function draftGoals(facts: ProjectFacts): Draft {
  const others = [draftFunctions(facts), draftQueries(facts), draftCommands(facts)];
  const isNothingElse = others.every(({ workloads }) => workloads.length === 0);
  const parts = [...(isService(facts) || isNothingElse ? [draftService(facts)] : []), ...others];
  const all = parts.flatMap(({ workloads }) => workloads);
  const first = parts.flatMap(({ workloads }) => workloads.slice(0, FIRST_OF_A_KIND));
  const chosen = new Set([...new Set([...first, ...all])].slice(0, MAX_WORKLOADS));
  const wanted = all.filter((one) => chosen.has(one));
  const leftOut = all.filter((one) => !chosen.has(one));
  const isTold = ({ about }: { readonly about?: string }): boolean =>
    about === undefined || wanted.some(({ name }) => name === about);

  const workloads = withUniqueNames(wanted);
  const test = testCommand(facts);
  const goals: Goals = {
    version: 1,
    workloads: workloads.map((workload) => ({ ...workload, draft: true })),
    objectives: workloads.flatMap(draftObjectives),
    constraints: draftConstraints(workloads),
    ...(test ? { correctness: { test } } : {}),
  };
  return {
    goals,
    found: [
      ...parts.flatMap(({ found }) => found),
      ...(leftOut.length === 0
        ? []
        : [`not drafted, to keep it short: ${listFew(leftOut.map(({ kind, name }) => `${kind} ${name}`))}`]),
      ...(test ? [`test command: ${test.join(' ')}`] : []),
    ],
    missing: [
      ...parts.flatMap(({ missing }) => missing.filter(isTold).map(({ what, why }) => ({ what, why }))),
      ...(test
        ? []
        : [
            {
              what: 'correctness.test',
              why: 'no test script was found; without tests a change can only be judged by its speed',
            },
          ]),
      ...(workloads.length === 0
        ? []
        : [
            {
              what: 'objectives',
              why: 'the targets are placeholders; ask the person for the real ones, or set them after the first baseline',
            },
            {
              what: 'constraints',
              why: 'confirm the memory limit, and what may not be changed (infrastructure, dependencies, API)',
            },
          ]),
    ],
  };
}

function withUniqueNames(workloads: readonly Workload[]): readonly Workload[] {
  const taken = new Set<string>();
  return workloads.map((workload) => {
    const name = uniqueName(workload.name, taken);
    taken.add(name);
    return { ...workload, name };
  });
}

function testCommand(facts: ProjectFacts): Argv | undefined {
  const script = facts.packageJson?.scripts['test'];
  if (script === undefined || script.includes('no test specified')) return undefined;
  return facts.lockfile === 'pnpm'
    ? ['pnpm', 'test']
    : facts.lockfile === 'yarn'
      ? ['yarn', 'test']
      : ['npm', 'test'];
}

/** Placeholders of the size that people call fast; each is replaced by what the person says or the baseline shows. */
function draftObjectives({ name: workload, kind }: Workload): Objective[] {
  switch (kind) {
    case 'http':
      return [
        { workload, metric: 'latency_p95_ms', max: 250, primary: true, draft: true },
        { workload, metric: 'throughput_rps', min: 100, draft: true },
        { workload, metric: 'error_rate', max: 0.001, draft: true },
      ];
    case 'function':
      return [{ workload, metric: 'wall_ms', max: 10, primary: true, draft: true }];
    case 'command':
      return [{ workload, metric: 'wall_ms', max: 1000, primary: true, draft: true }];
    case 'query':
      return [{ workload, metric: 'wall_ms', max: 50, primary: true, draft: true }];
  }
}

function draftConstraints(workloads: readonly Workload[]): Constraint[] {
  const [first] = workloads;
  if (first === undefined) return [];
  return [
    // A process that lives on is what memory limits are set for.
    ...workloads
      .filter(({ kind }) => kind === 'http')
      .map(({ name }): Constraint => ({
        name: 'memory',
        kind: 'hardware',
        workload: name,
        metric: 'rss_peak_bytes',
        max: 512 * 2 ** 20,
        draft: true,
      })),
    {
      name: 'same-answers',
      kind: 'compatibility',
      text: 'Responses and results keep their shape and meaning',
      forbids: ['api-change'],
      draft: true,
    },
  ];
}
