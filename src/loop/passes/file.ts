import { filesWorthReading } from '../../core/detectors/index.ts';
import { analyzeProfile } from '../../core/profile/analyze.ts';
import { analyzeTrace } from '../../core/trace/analyze.ts';
import { readEvidenceFile } from '../import-evidence.ts';
import { drawFlamegraphs } from './flamegraphs.ts';
import { keepEvidence, type Keeping } from './keep-evidence.ts';
import type { PassContext, PassResult } from './pass.ts';
import { readSources } from './sources.ts';

/** In place of all passes: what a file holds that was captured elsewhere. */
export async function takeFile(
  context: Keeping & Pick<PassContext, 'draw'>,
  file: string,
): Promise<Required<PassResult>> {
  const { project } = context;
  const imported = await readEvidenceFile(project, file);
  const { warnings, format } = imported;
  const title = `${format}, imported from ${file}`;
  if (imported.gives === 'trace') {
    const { trace } = imported;
    const evidence = await keepEvidence(context, {
      kind: 'trace',
      title,
      artifacts: [
        {
          kind: 'trace',
          title,
          mime_type: 'application/json',
          extension: 'json',
          content: JSON.stringify(trace),
        },
      ],
    });
    const facts = { trace: analyzeTrace(trace, [project.directory]) };
    return { facts, evidence: [evidence], pictures: [], warnings };
  }
  const analysis = analyzeProfile(imported.profile, [project.directory]);
  const drawn = await drawFlamegraphs(context, { threads: [], analysis });
  const evidence = await keepEvidence(context, {
    kind: 'cpu-profile',
    title,
    artifacts: [
      {
        kind: 'cpu-profile',
        title,
        mime_type: 'application/octet-stream',
        extension: 'profile',
        content: await project.files.readEvidence(file),
      },
    ],
    pictures: drawn.pictures,
  });
  return {
    facts: { attribution: analysis, sources: await readSources(context, filesWorthReading(analysis)) },
    evidence: [evidence],
    pictures: drawn.pictures,
    warnings: [...warnings, ...drawn.warnings],
  };
}
