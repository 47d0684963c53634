import { z } from 'zod';
import { decisionKindSchema } from '../core/model/experiment.ts';
import type { NextStep } from '../core/model/result.ts';
import { recordDecision } from '../loop/decision.ts';
import { renderDecision } from '../render/decision.ts';
import { defineTool } from './definition.ts';
import { projectDir, recordId } from './parameters.ts';

export const recordDecisionTool = defineTool({
  name: 'record_decision',
  title: 'Record a decision',
  description:
    'Writes why an experiment was kept, reverted or deferred to .deep-optimize/decisions/, for the pull request and for whoever comes next. It does not touch your code: revert it yourself.',
  effect: 'writes',
  input: z.strictObject({
    project_dir: projectDir,
    experiment_id: recordId,
    decision: decisionKindSchema,
    rationale: z.string().min(1).max(4000).describe('why, with trade-offs accepted'),
    title: z.string().max(120).optional(),
  }),
  output: z.object({ decision_id: z.string(), file: z.string(), decision: decisionKindSchema }),
  handle: async ({ project_dir: _where, ...request }, { ports, project, changes }) => {
    const { decision, experiment } = await recordDecision(ports, project, request, renderDecision);
    changes.emit(['deep-optimize://decisions', `deep-optimize://experiments/${experiment.id}`]);
    const again: NextStep = {
      tool: 'measure_baseline',
      arguments: { workload: experiment.workload },
      why: 'the code is different now: measure it before the next change',
    };
    const other: NextStep = {
      tool: 'propose_strategies',
      arguments: { workload: experiment.workload },
      why: 'choose the next thing to try',
    };
    return {
      status: 'done',
      summary: `Recorded: ${decision.kind} ${experiment.id}, in ${decision.file}.${decision.kind === 'revert' ? ' Take the change out of the working tree now.' : ''}`,
      decision_id: decision.id,
      file: decision.file,
      decision: decision.kind,
      warnings: [],
      next_steps:
        decision.kind === 'keep'
          ? [
              { tool: 'add_budget', arguments: { workload: experiment.workload }, why: 'guard the gain' },
              again,
            ]
          : [other],
      links: [{ uri: 'deep-optimize://decisions', title: 'Decisions', mime_type: 'text/markdown' }],
    };
  },
  render: () => '',
});
