import type { Experiment } from '../../src/core/model/experiment.ts';
import type { Goals, HttpWorkload } from '../../src/core/model/goals.ts';
import type { Baseline } from '../../src/core/model/measurement.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { measureBaseline } from '../../src/loop/baseline.ts';
import type { ExperimentRequest } from '../../src/loop/experiment/request.ts';
import { validateChange } from '../../src/loop/experiment/validate.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  writeProgram,
  type FakeWorld,
  type Program,
} from './fake-ports.ts';

export interface ReadyToValidate {
  readonly world: FakeWorld;
  readonly project: Project;
  readonly baseline: Baseline;
  /** Changes the working tree and validates it. */
  readonly validate: (program: Program, change?: Partial<ExperimentRequest>) => Promise<Experiment>;
}

/** A world with a measured baseline of a program of cost 1; what happened until then is forgotten. */
export async function withBaseline(
  options: { goals?: Goals; program?: Program; workload?: HttpWorkload } = {},
): Promise<ReadyToValidate> {
  const { goals = GOALS, program = { cost: 1 }, workload = WORKLOAD } = options;
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: { ...goals, workloads: [workload] }, program });
  const request = { workload, goals, effort: 'quick', seed: 5 } as const;
  const baseline = await measureBaseline(world.ports, project, request, fakeRun('run_base'));
  const before = world.starts.length;
  const visible: FakeWorld = {
    ...world,
    get starts() {
      return world.starts.slice(before);
    },
    get probes() {
      return world.probes.slice(before);
    },
  };
  return {
    world: visible,
    project,
    baseline,
    validate: (candidate, change = {}) => {
      writeProgram(project.directory, candidate);
      return validateChange(
        world.ports,
        project,
        {
          goals: { ...goals, workloads: [workload] },
          workload,
          baseline,
          effort: 'quick',
          hypothesis: 'less work',
          strategyId: null,
          bottleneck: null,
          primary: null,
          seed: 11,
          ...change,
        },
        fakeRun('run_exp'),
      );
    },
  };
}
