import { z } from 'zod';
import { ceilingSchema, layerSchema } from '../core/model/evidence.ts';
import { constraintSchema } from '../core/model/goals.ts';
import { metricNameSchema } from '../core/model/measurement.ts';
import { strategySchema } from '../core/model/strategy.ts';
import { findStrategies, type Strategies } from '../loop/strategies.ts';
import { describeGrade, describeStrategies } from '../render/strategies.ts';
import { defineTool, type Result } from './definition.ts';
import { projectDir, recordId } from './parameters.ts';
import { NAME } from '../core/model/workloads/common.ts';

const needs = constraintSchema.shape.forbids.unwrap();

const gradeSchema = z.object({
  grade: z.enum(['sound', 'doubtful', 'rejected']),
  checks: z.array(
    z.object({ check: z.string(), outcome: z.enum(['passed', 'doubt', 'failed']), text: z.string() }),
  ),
});

// What only ranks or repeats is left out: an answer is read by the token.
const strategyRow = strategySchema
  .omit({ key: true, score: true })
  .extend({ ceiling: ceilingSchema.pick({ metric: true, gain: true }).nullable() });

const output = z.object({
  strategies: z.array(strategyRow),
  total: z.int(),
  grade: gradeSchema.nullable().describe('of your own proposal'),
});

export const proposeStrategiesTool = defineTool({
  name: 'propose_strategies',
  title: 'Propose strategies',
  description:
    'Step 4. Ranked remedies for a bottleneck in four layers (algorithm, data-access, architecture, infrastructure): why it fits, how, trade-offs, the ceiling, conflicts with constraints, what was tried. With "proposal": grades your own idea by the same rules.',
  effect: 'reads',
  input: z.strictObject({
    project_dir: projectDir,
    workload: NAME.optional(),
    bottleneck_id: recordId.optional().describe('default: all of the latest run'),
    proposal: z
      .strictObject({
        title: z.string().min(3).max(200),
        layer: layerSchema,
        expected: z
          .strictObject({ metric: metricNameSchema, gain: z.number().positive() })
          .optional()
          .describe('e.g. {"metric":"latency_p95_ms","gain":0.3}: 30 % better'),
        needs: needs.optional().describe('what a constraint may forbid'),
      })
      .optional(),
    limit: z.int().min(1).max(30).optional().describe('default 3'),
  }),
  output,
  handle: async ({ workload, bottleneck_id, proposal, limit = 3 }, { project }) => {
    const own = proposal && {
      title: proposal.title,
      layer: proposal.layer,
      needs: proposal.needs ?? [],
      ...(proposal.expected ? { expectedGain: proposal.expected } : {}),
    };
    return present(await findStrategies(project, { workload, bottleneck_id, own }), limit);
  },
  render: (result) =>
    [result.grade ? describeGrade(result.grade) : '', describeStrategies(result.strategies)]
      .filter(Boolean)
      .join('\n\n'),
});

function present(
  { strategies, bottlenecks, grade }: Strategies,
  limit: number,
): Result<z.output<typeof output>> {
  const best = strategies.find((strategy) => strategy.conflicts.length === 0);
  const verdict = grade ? `Your proposal is ${grade.grade}. ` : '';
  return {
    status: 'done',
    summary: `${verdict}${best ? `First to try: ${best.title} (${best.layer}).` : 'No strategy of the catalogue fits without breaking a constraint; read the code and propose your own.'} ${strategies.length} strategies fit ${bottlenecks.length} bottleneck(s).`,
    strategies: strategies.slice(0, limit).map(({ key: _key, score: _score, ceiling, ...strategy }) => ({
      ...strategy,
      ceiling: ceiling && { metric: ceiling.metric, gain: ceiling.gain },
    })),
    total: strategies.length,
    grade: grade && { grade: grade.grade, checks: [...grade.checks] },
    warnings: [],
    next_steps: best
      ? [
          {
            tool: 'validate_change',
            arguments: { strategy_id: best.id, hypothesis: '…' },
            why: 'after making this one change and nothing else',
          },
        ]
      : [],
    links: bottlenecks.slice(0, 3).map(({ id, title }) => ({
      uri: `deep-optimize://bottlenecks/${id}`,
      title,
      mime_type: 'application/json',
    })),
  };
}
