import type { Processes } from '../../src/core/ports/processes.ts';

/** As on a machine where it is not installed. */
export function withoutPySpy(processes: Processes): Processes {
  return {
    ...processes,
    run: (spec, options) =>
      processes.run(
        spec.command[0] === 'py-spy' ? { ...spec, command: ['py-spy-is-not-installed'] } : spec,
        options,
      ),
  };
}
