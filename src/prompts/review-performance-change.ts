import { z } from 'zod';
import { definePrompt } from './definition.ts';

export const reviewPerformanceChange = definePrompt({
  name: 'review_performance_change',
  title: 'Judge the working tree',
  description: 'Is the change in the working tree really faster, and is it safe to merge?',
  args: z.strictObject({
    claim: z.string().optional().describe('what the change is said to do'),
    against: z
      .string()
      .optional()
      .describe('baseline id, experiment id or git ref; default: the latest baseline'),
  }),
  text: ({
    claim,
    against,
  }) => `Judge the change in the working tree with the deep-optimize tools. Do not edit code.
${claim === undefined ? '' : `\nThe claim: ${claim}\n`}
1. get_history: find what to compare with${against === undefined ? '' : ` (${against})`} and what was tried before. Without a baseline of the code before the change: stash nothing, compare with the commit before it (ask me which, if it is not clear).
2. Read the diff. Note anything that could make a benchmark faster without making the program better: caches that persist, special cases for the measured inputs, work moved to start-up, changed tests or workloads.
3. validate_change${against === undefined ? '' : ` with against "${against}"`} and the claim as hypothesis.
4. Answer with: the verdict and interval of the primary metric, every guardrail that moved, whether tests passed, what you noted in 2 with file and line, and one recommendation: merge, change, or reject.`,
});
