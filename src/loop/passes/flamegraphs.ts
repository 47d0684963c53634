import type { Artifact } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { ThreadProfile } from '../../core/ports/target.ts';
import type { ProfileAnalysis } from '../../core/profile/analyze.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { keepArtifact, type Keeping } from './keep-evidence.ts';
import type { PassContext } from './pass.ts';

/** As SVG, as PNG for clients that show images, and interactive HTML. One that cannot be drawn does not cost the findings. */
export async function drawFlamegraphs(
  context: Keeping & Pick<PassContext, 'draw'>,
  read: {
    /** As V8 wrote them, the busiest first; without one there is no interactive picture. */
    readonly threads: readonly Pick<ThreadProfile, 'content'>[];
    readonly analysis: ProfileAnalysis;
  },
): Promise<{ readonly pictures: readonly Artifact[]; readonly warnings: readonly Warning[] }> {
  const { ports, run, draw, workload } = context;
  const title = `Flamegraph of ${workload.name}`;
  const svg = draw.flamegraph(read.analysis, { title });
  const pictures = [
    await keepArtifact(context, {
      kind: 'flamegraph-svg',
      title,
      mime_type: 'image/svg+xml',
      extension: 'svg',
      content: svg,
    }),
  ];
  const warnings: Warning[] = [];
  const attempt = async (make: () => Promise<Artifact>) => {
    try {
      pictures.push(await make());
    } catch (error) {
      if (run.signal.aborted) throw error;
      warnings.push(WARNINGS.no_picture(error instanceof Error ? error.message : String(error)));
    }
  };
  await attempt(async () =>
    keepArtifact(context, {
      kind: 'flamegraph-png',
      title,
      mime_type: 'image/png',
      extension: 'png',
      content: await ports.pictures.png(svg, { signal: run.signal }),
    }),
  );
  const busiest = read.threads[0];
  if (busiest) {
    await attempt(async () =>
      keepArtifact(context, {
        kind: 'flamegraph-html',
        title,
        mime_type: 'text/html',
        extension: 'html',
        content: await ports.pictures.html(busiest.content, { title, signal: run.signal }),
      }),
    );
  }
  return { pictures, warnings };
}
