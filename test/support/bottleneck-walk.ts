import { z } from 'zod';
import { copySide, HEALTHY, isTruth, readGoalsOf, type Side } from './bottleneck-examples.ts';

/** A tool called until its run has ended; resolves to the structured content, and throws when the tool failed. */
export type CallTool = (
  tool: string,
  args: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

const foundSchema = z.object({
  bottlenecks: z.array(
    z.object({
      kind: z.string(),
      title: z.string(),
      location: z.object({
        function: z.string().optional(),
        file: z.string().optional(),
        line: z.number().optional(),
        statement: z.string().optional(),
        url: z.string().optional(),
      }),
      share: z.object({ value: z.number() }),
      confidence: z.object({ level: z.enum(['high', 'medium', 'low']) }),
    }),
  ),
});
type Finding = z.infer<typeof foundSchema>['bottlenecks'][number];

export interface Walk {
  readonly name: string;
  readonly side: Side;
  /** 1-based; null where no finding names the planted cause at its place. */
  readonly rank: number | null;
  /** The first three findings in words. */
  readonly top: readonly string[];
  readonly highConfidence: number;
  readonly seconds: number;
}

/** Asks for the bottlenecks of an example as an agent would: goals, then findings. `into` gets the copy that is measured. */
export async function walkExample(
  call: CallTool,
  { name, side, into, effort = 'quick' }: WalkOptions,
): Promise<Walk> {
  const project_dir = await copySide(name, side, into);
  const { workloads, objectives } = readGoalsOf(name);
  const started = performance.now();
  await call('define_goals', { project_dir, workloads, objectives });
  const answer = await call('find_bottlenecks', { project_dir, effort });
  const { bottlenecks } = foundSchema.parse(answer);
  const rank =
    name === HEALTHY ? -1 : bottlenecks.findIndex((finding) => isTruth(finding, name, project_dir));
  return {
    name,
    side,
    rank: rank < 0 ? null : rank + 1,
    top: bottlenecks.slice(0, 3).map(describe),
    highConfidence: bottlenecks.filter(({ confidence }) => confidence.level === 'high').length,
    seconds: (performance.now() - started) / 1000,
  };
}

export interface WalkOptions {
  readonly name: string;
  readonly side: Side;
  readonly into: string;
  readonly effort?: 'quick' | 'standard';
}

function describe({ kind, location, share, confidence }: Finding): string {
  const { file = '', line = '', statement, url } = location;
  const place = file === '' ? (statement ?? url ?? 'process') : `${location.function ?? ''} ${file}:${line}`;
  return `${kind} at ${place.trim()} (${Math.round(share.value * 100)} %, ${confidence.level})`;
}

/** Name, rank of the truth, first three findings; for people who read a failed test or a bench. */
export function tableOf(walks: readonly Walk[]): string {
  return walks
    .map(
      ({ name, side, rank, top, seconds }) =>
        `${name.padEnd(16)} ${side.padEnd(5)} truth: ${rank ?? '-'}  ${seconds.toFixed(0).padStart(3)} s  ${top.join(' | ')}`,
    )
    .join('\n');
}
