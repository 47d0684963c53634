import type { CommandLine } from '../../../core/command-lines.ts';
import type { Behaviour, Observation, Value } from '../../../core/behaviour/model.ts';
import type { CommandWorkload } from '../../../core/model/goals.ts';
import type { CommandRun } from '../../../core/ports/command-runs.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { BehaveContext } from '../measurer.ts';
import { runLine } from './run-line.ts';

export interface CommandBehaveRequest extends Omit<BehaveContext, 'load'> {
  readonly workload: CommandWorkload;
  readonly lines: readonly CommandLine[];
}

/** One fresh process for each combination of the parameters: how it ends, what it prints, which files it leaves. */
export async function behaveCommand(ports: Ports, request: CommandBehaveRequest): Promise<Behaviour> {
  const { scope, lines } = request;
  const observations: Observation[] = [];
  const startedMs = ports.clock.monotonicMs();
  for (const [index, line] of lines.entries()) {
    const isOver =
      scope.extent === undefined
        ? ports.clock.monotonicMs() - startedMs > scope.limitMs
        : index >= scope.extent;
    // One run is the least that can be said of a command.
    if (isOver && index > 0) break;
    observations.push(await observeLine(ports, request, line, index));
  }
  return { observations, extent: observations.length };
}

async function observeLine(
  ports: Ports,
  request: CommandBehaveRequest,
  line: CommandLine,
  index: number,
): Promise<Observation> {
  const run = await runLine(ports, request, line, (spec) => ports.commandRuns.run(spec, request.signal));
  const files = filesOf(run, request);
  const name = line.label === '' ? line.command.join(' ') : line.label;
  return {
    id: String(index),
    group: name,
    name,
    facets: {
      'exit code': { kind: 'tree', tree: run.exit.code },
      stdout: run.seen?.stdout ?? { kind: 'text', text: '' },
      ...files,
    },
    main: [...(printsAnything(run) ? ['stdout'] : []), ...Object.keys(files)],
  };
}

function printsAnything({ seen }: CommandRun): boolean {
  return seen !== undefined && !(seen.stdout.kind === 'text' && seen.stdout.text === '');
}

function filesOf({ seen }: CommandRun, { workload, directory }: CommandBehaveRequest): Record<string, Value> {
  const values = seen?.files ?? {};
  return Object.fromEntries(
    (workload.expect?.files ?? []).flatMap((file) => {
      const value = values[`${directory}/${file}`];
      return value === undefined ? [] : [[`file ${file}`, value]];
    }),
  );
}
