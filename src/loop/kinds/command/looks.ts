import type { CommandLine } from '../../../core/command-lines.ts';
import type { CommandRun, CommandRunSpec } from '../../../core/ports/command-runs.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { SampleContext } from '../measurer.ts';
import { runLine } from './run-line.ts';
import type { CommandRequest } from './sample.ts';

export type CommandLookRequest = Omit<SampleContext, 'load'> & Pick<CommandRequest, 'workload' | 'lines'>;

/** A profile of a program of 10 ms is no better after 250 of them, and each keeps a file. */
const MOST_RUNS = 10;
/** Under a profiler without inlining small functions take two to three times as long. */
const SLOWER = 4;

/**
 * Runs that are looked at and never timed: each combination of the parameters once, and all of them again until there is as
 * much to see as of a service. `look` starts one and tells whether there was anything to see; nothing there is no reason for
 * a second round.
 */
export async function lookAtRuns(
  ports: Ports,
  request: CommandLookRequest,
  look: (
    spec: CommandRunSpec,
    line: CommandLine,
  ) => Promise<{ readonly run: CommandRun; readonly saw: boolean }>,
): Promise<void> {
  const startedMs = ports.clock.monotonicMs();
  for (let runs = 0; runs < MOST_RUNS; runs += request.lines.length) {
    const saw: boolean[] = [];
    for (const line of request.lines) {
      await runLine(ports, request, line, async (spec) => {
        const looked = await look({ ...spec, timeoutMs: spec.timeoutMs * SLOWER }, line);
        saw.push(looked.saw);
        return looked.run;
      });
    }
    if (!saw.includes(true) || ports.clock.monotonicMs() - startedMs > request.plan.profileMs) return;
  }
}
