import type { Ports } from '../core/ports/index.ts';
import { readLoopState } from '../loop/history.ts';
import { describeLoop, summarizeLoop } from '../render/history.ts';
import type { Terminal } from './check.ts';

/** Where the loop stands, for a person: the words that get_history gives an agent. Returns the exit code. */
export async function report(ports: Ports, directory: string, terminal: Terminal): Promise<number> {
  const project = await ports.projects.open(directory);
  const state = await readLoopState(project, undefined);
  terminal.out(summarizeLoop(state));
  terminal.out(
    describeLoop({
      baselines: state.baselines,
      bottlenecks: state.bottlenecks,
      experiments: state.experiments,
      ledger: state.ledger,
      decisions: state.decisions,
      budgets: state.budgets,
      runs: state.runs.map((run) => ({ ...run, progress: run.progress.message })),
    }),
  );
  return 0;
}
