import { z } from 'zod';
import type { NextStep } from '../core/model/result.ts';
import { inspectEvidence, type Inspection } from '../loop/inspect.ts';
import { VIEWS } from '../loop/views/index.ts';
import { describeInspection } from '../render/inspection.ts';
import { artifactLink } from './artifact-link.ts';
import { defineTool } from './definition.ts';
import { projectDir, recordId } from './parameters.ts';

const cell = z.union([z.string(), z.number(), z.null()]);

export const inspectEvidenceTool = defineTool({
  name: 'inspect_evidence',
  title: 'Inspect evidence',
  description:
    'Drills into evidence of find_bottlenecks, a page at a time. Profile: top to path (heaviest stack), diff (against the run before); trace: request (timeline), histogram, statements, outbound; database: plan, locks; memory: allocation, live.',
  effect: 'reads',
  input: z.strictObject({
    project_dir: projectDir,
    evidence_id: recordId.optional().describe('default: the latest that has the view'),
    bottleneck_id: recordId.optional(),
    view: z.enum(VIEWS.map(({ name }) => name)).optional(),
    function: z
      .string()
      .max(300)
      .optional()
      .describe('name, or "name (file:line)"; default: the bottleneck\'s or the heaviest'),
    file: z.string().max(500).optional(),
    filter: z
      .string()
      .max(300)
      .optional()
      .describe('package ("user": own code), statement, or for request "slowest", "median" or a route'),
    limit: z.int().min(1).max(50).optional().describe('default 15'),
    offset: z.int().min(0).optional(),
  }),
  output: z.object({
    evidence_id: z.string(),
    view: z.string(),
    subject: z.string().nullable(),
    columns: z.array(
      z.object({
        key: z.string(),
        title: z.string(),
        as: z.enum(['share', 'ms', 'bytes', 'count', 'name', 'tree', 'text']),
      }),
    ),
    rows: z.array(z.record(z.string(), cell)),
    total: z.int(),
  }),
  handle: async ({ project_dir: _where, limit = 15, offset = 0, ...request }, { project }) => {
    const inspection = await inspectEvidence(project, { ...request, limit, offset });
    const { view, evidence, subject, columns, rows, total, basis, pictures, warnings = [] } = inspection;
    const of = subject === null ? '' : ` of ${subject}`;
    return {
      status: 'done',
      summary: `${evidence.title}: ${view}${of}, rows ${rows.length === 0 ? 0 : offset + 1}-${offset + rows.length} of ${total}, ${basis}.`,
      evidence_id: evidence.id,
      view,
      subject,
      columns: [...columns],
      rows: [...rows],
      total,
      warnings: [...warnings],
      next_steps: nextPage(inspection, request, offset + rows.length),
      links: pictures.map(artifactLink),
    };
  },
  render: describeInspection,
});

function nextPage(
  { evidence, view, total }: Inspection,
  request: Readonly<Record<string, unknown>>,
  offset: number,
): NextStep[] {
  if (offset >= total) return [];
  return [
    {
      tool: 'inspect_evidence',
      arguments: { ...request, view, evidence_id: evidence.id, offset },
      why: 'the next page',
    },
  ];
}
