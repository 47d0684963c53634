import { commandLines } from '../../../core/command-lines.ts';
import type { CommandWorkload } from '../../../core/model/goals.ts';
import { WARNINGS } from '../../../core/warnings.ts';
import { loadOfKind } from '../load-of-kind.ts';
import type { Measurer } from '../measurer.ts';
import { behaveCommand } from './behave.ts';
import { recordNativeOfCommand } from './native.ts';
import { profileCommand } from './profile.ts';
import { sampleCommand } from './sample.ts';
import { settleCommand, warmUp } from './settle.ts';

/** Below this many times the cost of starting anything, a change of the program is diluted by what it cannot change. */
const MIN_WALL_TO_OVERHEAD = 3;

export function commandMeasurer(workload: CommandWorkload): Measurer {
  const lines = commandLines(workload);
  return {
    // As they will run, with the parameters filled in: a value can be a program.
    commands: lines.flatMap(({ command, prepare, cleanup }) => [command, ...prepare, ...cleanup]),
    // Wall time follows the neighbours; with one of them busy it needs several times the blocks (notes on statistics, section 4).
    defaultPrimary: workload.deterministic === true ? 'instructions' : 'cpu_ms',
    env: workload.env ?? {},
    settle: (ports, context) => settleCommand(ports, { ...context, workload, lines }),
    behave: (ports, { load: _load, ...context }) => behaveCommand(ports, { ...context, workload, lines }),
    sample: async (ports, { load, ...context }) => {
      loadOfKind('command', load);
      await warmUp(ports, { ...context, workload, lines });
      return await sampleCommand(ports, { ...context, workload, lines });
    },
    profile: (ports, { load: _load, ...context }) => profileCommand(ports, { ...context, workload, lines }),
    native: (ports, { load: _load, ...context }) =>
      recordNativeOfCommand(ports, { ...context, workload, lines }),
    warnings: (load, estimates) => {
      const { start_overhead_ms: overheadMs } = loadOfKind('command', load);
      const wallMs = estimates.wall_ms?.value;
      return overheadMs !== undefined && wallMs !== undefined && wallMs < MIN_WALL_TO_OVERHEAD * overheadMs
        ? [WARNINGS.start_overhead(overheadMs, wallMs)]
        : [];
    },
  };
}
