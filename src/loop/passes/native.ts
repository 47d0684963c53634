import { filesWorthReading } from '../../core/detectors/index.ts';
import { EnvironmentError, InputError, InternalError } from '../../core/errors.ts';
import { importProfile, type ImportedProfile } from '../../core/importers/index.ts';
import type { Artifact, Evidence } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { NativeRecording } from '../../core/ports/native-profiler.ts';
import { analyzeProfile } from '../../core/profile/analyze.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { drawFlamegraphs } from './flamegraphs.ts';
import { keepEvidence, relocate } from './keep-evidence.ts';
import type { Pass, PassContext } from './pass.ts';
import { readSources } from './sources.ts';

/** Busy time outside of JavaScript that V8's profiler has no names for; below it another process is not worth its time. */
const UNNAMED_SHARE = 0.3;

/**
 * Sampled by perf or py-spy, or by a sampler of ours in Python: the only CPU profile of a program that is not Node.js, and for
 * one that is, what the machine code under its functions does.
 */
export const nativePass: Pass = {
  id: 'native',
  doing: 'sampling from outside',
  weight: 1,
  applies: ({ measurer, effort }, { attribution }) =>
    measurer.native !== undefined &&
    (attribution === undefined ||
      effort === 'thorough' ||
      attribution.coverage.native + attribution.coverage.program >= UNNAMED_SHARE),
  async run(context, facts) {
    const sampled = await sample(context);
    if ('code' in sampled) return { facts: {}, warnings: [sampled] };
    const { recording, imported } = sampled;
    const analysis = analyzeProfile(imported.profile, [context.project.directory]);
    const warnings = [
      ...imported.warnings,
      ...(recording.missing === null
        ? []
        : [WARNINGS.sampled_without_names(recording.missing.message, recording.missing.fix)]),
    ];
    if (facts.attribution !== undefined) {
      return { facts: { native: analysis }, evidence: [await keep(context, recording)], warnings };
    }
    const drawn = await drawFlamegraphs(context, { threads: [], analysis });
    return {
      facts: { attribution: analysis, sources: await readSources(context, filesWorthReading(analysis)) },
      evidence: [await keep(context, recording, drawn.pictures)],
      pictures: drawn.pictures,
      warnings: [WARNINGS.sampled_from_outside(recording.producer), ...warnings, ...drawn.warnings],
    };
  },
};

interface Sampled {
  /** With files where they lie in the project. */
  readonly recording: NativeRecording;
  readonly imported: ImportedProfile;
}

/** A sampler that is missing, or a program that slept, costs what it would have told and nothing else. */
async function sample(context: PassContext): Promise<Sampled | Warning> {
  try {
    const recording = await context.measurer.native?.(context.ports, context.sample);
    if (recording === undefined) throw nothingToSample();
    const content = relocate(context, recording.content);
    return { recording: { ...recording, content }, imported: importProfile(content) };
  } catch (error) {
    const told =
      (error instanceof EnvironmentError && error.code === 'native_profiler_unavailable') ||
      (error instanceof InputError && error.code === 'invalid_import');
    if (!told) throw error;
    return WARNINGS.not_sampled_from_outside(error.message, error.fix);
  }
}

function nothingToSample(): InternalError {
  return new InternalError('internal', 'A workload without a process was to be sampled.', {
    fix: 'Report this as a defect.',
  });
}

async function keep(
  context: PassContext,
  { producer, content }: NativeRecording,
  pictures: readonly Artifact[] = [],
): Promise<Evidence> {
  const title = `CPU profile from outside, by ${producer}`;
  return await keepEvidence(context, {
    kind: 'cpu-profile',
    title,
    artifacts: [{ kind: 'cpu-profile', title, mime_type: 'text/plain', extension: 'txt', content }],
    pictures,
  });
}
