import type { TestResult } from '../../core/model/experiment.ts';
import type { Goals, Workload } from '../../core/model/goals.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import type { Checkout } from '../../core/ports/snapshots.ts';
import { measurerOf } from '../kinds/index.ts';
import { prepareCheckout } from '../measure/prepare.ts';
import { runTests } from '../measure/run-tests.ts';
import type { RunHandle } from '../runs.ts';

/** The two checkouts of a run. Workloads that need the same of them get the same, and tests are run once on each code state. */
export interface Workbench {
  checkout(slot: 'a' | 'b', snapshot: Snapshot, workload: Workload): Promise<Checkout>;
  /** Removes both, and with them what fills the disk. */
  clear(): Promise<void>;
  test(goals: Goals, snapshot: Snapshot, directory: string): Promise<TestResult>;
}

export function createWorkbench(ports: Ports, project: Project, run: RunHandle): Workbench {
  const laidOut = new Map<'a' | 'b', { readonly key: string; readonly checkout: Checkout }>();
  const tested = new Map<string, TestResult>();
  return {
    checkout: async (slot, snapshot, workload) => {
      const { setup = [], include = [] } = workload;
      // `setup` runs in the environment of the workload.
      const env = setup.length === 0 ? {} : measurerOf(workload).env;
      const key = JSON.stringify([snapshot.tree, setup, include, env]);
      const there = laidOut.get(slot);
      if (there?.key === key) return there.checkout;
      laidOut.delete(slot);
      const request = { snapshot, workload, runId: run.id, slot, signal: run.signal };
      const checkout = await prepareCheckout(ports, project, request);
      await project.checkouts.remember({ runId: run.id, slot });
      laidOut.set(slot, { key, checkout });
      return checkout;
    },
    clear: async () => {
      laidOut.clear();
      await project.checkouts.dispose(run.id);
    },
    test: async (goals, snapshot, directory) => {
      const known = tested.get(snapshot.tree);
      if (known) return known;
      const result = await runTests(ports, goals.correctness, {
        directory,
        runId: run.id,
        signal: run.signal,
      });
      tested.set(snapshot.tree, result);
      return result;
    },
  };
}
