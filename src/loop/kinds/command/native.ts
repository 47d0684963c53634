import { InternalError } from '../../../core/errors.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { NativeRecording, SampledRun } from '../../../core/ports/native-profiler.ts';
import { lookAtRuns, type CommandLookRequest } from './looks.ts';

/** Fresh runs of the command, each started by a sampler, so that its first moments are seen as well. */
export async function recordNativeOfCommand(
  ports: Ports,
  request: CommandLookRequest,
): Promise<NativeRecording> {
  const recordings: NativeRecording[] = [];
  await lookAtRuns(ports, request, async (spec, { command }) => {
    const named = await ports.runProbes.open({ probe: 'native', env: spec.env, cwd: spec.cwd });
    let sampler: SampledRun | undefined;
    try {
      sampler = await ports.nativeProfiler.around({ command, cwd: spec.cwd, env: named.env }, request.signal);
      const sampled = { ...spec, command: sampler.command, env: sampler.env };
      const run = await ports.commandRuns.run(sampled, request.signal);
      const recording = await sampler.read(request.signal);
      recordings.push(recording);
      return { run, saw: recording.content.trim() !== '' };
    } finally {
      await sampler?.close();
      await named.close();
    }
  });
  const [first] = recordings;
  if (first === undefined) {
    throw new InternalError('internal', `Nothing of "${request.workload.name}" was run.`, {
      fix: 'Report this as a defect.',
    });
  }
  // Stacks as text, of either sampler, are stacks as text when there are more of them.
  return { ...first, content: recordings.map(({ content }) => content).join('\n') };
}
