import { z } from 'zod';
import { WARNINGS } from '../core/warnings.ts';
import type { NextStep } from '../core/model/result.ts';
import { inspectEvidence, type Inspection } from '../loop/inspect.ts';
import { describeInspection } from '../render/inspection.ts';
import { defineTool } from './definition.ts';
import { projectDir, recordId } from './parameters.ts';

const place = { function: z.string(), file: z.string().nullable(), line: z.int().nullable() };
const functionRow = z.object({
  ...place,
  package: z.string().nullable(),
  self_share: z.number(),
  own_share: z.number(),
  total_share: z.number(),
  samples: z.int(),
});

export const inspectEvidenceTool = defineTool({
  name: 'inspect_evidence',
  title: 'Inspect evidence',
  description:
    'Drills into a profile of find_bottlenecks, a page at a time. Views: top (functions), callers and callees (of a function), lines (hot lines with source), path (heaviest stack). Shares are of busy time.',
  effect: 'reads',
  input: z.strictObject({
    project_dir: projectDir,
    evidence_id: recordId.optional().describe('default: the latest'),
    bottleneck_id: recordId.optional(),
    view: z.enum(['top', 'callers', 'callees', 'lines', 'path']).optional().describe('default top'),
    function: z
      .string()
      .max(300)
      .optional()
      .describe('name, or "name (file:line)"; default: the bottleneck\'s or the heaviest'),
    file: z.string().max(500).optional(),
    package: z.string().max(200).optional().describe('npm package, or "user" for the project\'s own code'),
    limit: z.int().min(1).max(50).optional().describe('default 15'),
    offset: z.int().min(0).optional(),
  }),
  output: z.object({
    evidence_id: z.string(),
    view: z.string(),
    subject: functionRow.nullable(),
    functions: z.array(functionRow),
    relatives: z
      .array(z.object({ depth: z.int(), ...place, share: z.number() }))
      .describe('callers, callees or path, as an indented tree'),
    lines: z.array(
      z.object({ file: z.string(), line: z.int(), share: z.number(), source: z.string().nullable() }),
    ),
    total: z.int(),
    busy_samples: z.int(),
  }),
  handle: async ({ project_dir: _where, view = 'top', limit = 15, offset = 0, ...request }, { project }) => {
    const inspection = await inspectEvidence(project, { ...request, view, limit, offset });
    const shown = inspection.functions.length + inspection.relatives.length + inspection.lines.length;
    return {
      status: 'done',
      summary: `${inspection.evidence.title}: ${view}${inspection.subject ? ` of ${inspection.subject.function}` : ''}, rows ${shown === 0 ? 0 : offset + 1}-${offset + shown} of ${inspection.total}, ${inspection.busySamples} busy samples.`,
      evidence_id: inspection.evidence.id,
      view,
      subject: inspection.subject,
      functions: [...inspection.functions],
      relatives: [...inspection.relatives],
      lines: [...inspection.lines],
      total: inspection.total,
      busy_samples: inspection.busySamples,
      warnings: view === 'lines' && inspection.total === 0 ? [WARNINGS.no_lines()] : [],
      next_steps: nextPage(inspection, { ...request, view }, offset + shown),
      links: inspection.evidence.pictures.map((id) => ({
        uri: `deep-optimize://artifacts/${id}`,
        title: 'Flamegraph',
        mime_type: 'text/html',
      })),
    };
  },
  render: describeInspection,
});

function nextPage(
  inspection: Inspection,
  request: Readonly<Record<string, unknown>>,
  offset: number,
): NextStep[] {
  if (offset >= inspection.total) return [];
  return [
    {
      tool: 'inspect_evidence',
      arguments: { ...request, evidence_id: inspection.evidence.id, offset },
      why: 'the next page',
    },
  ];
}
