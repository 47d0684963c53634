import { TargetError } from '../../../core/errors.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { ThreadProfile } from '../../../core/ports/target.ts';
import type { ProfileContext } from '../measurer.ts';
import { lookAtRuns, type CommandLookRequest } from './looks.ts';

export type CommandProfileRequest = CommandLookRequest & Pick<ProfileContext, 'probe'>;

/** Fresh runs of the command, each process of Node.js in them profiled from its start to its end: starting is part of it. */
export async function profileCommand(
  ports: Ports,
  request: CommandProfileRequest,
): Promise<readonly ThreadProfile[]> {
  const { workload, probe, signal } = request;
  const threads: ThreadProfile[] = [];
  await lookAtRuns(ports, request, async (spec) => {
    const opened = await ports.runProbes.open({ probe, env: spec.env, cwd: spec.cwd });
    try {
      const run = await ports.commandRuns.run({ ...spec, env: opened.env }, signal);
      const left = await opened.collect();
      threads.push(...left);
      return { run, saw: left.length > 0 };
    } finally {
      await opened.close();
    }
  });
  if (threads.length > 0) return threads;
  throw new TargetError(
    'no_profile',
    `No process of "${workload.name}" was one of Node.js that gave a profile.`,
    {
      fix: 'Of a program of Node.js 16 or newer: it must not clear NODE_OPTIONS, and end by itself. Programs in other languages are sampled from outside.',
    },
  );
}
