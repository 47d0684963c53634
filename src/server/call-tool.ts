import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Envelope, NextStep } from '../core/model/result.ts';
import { toStoredError } from '../loop/run-errors.ts';
import type { RunProgress } from '../loop/runs.ts';
import { renderAnswer } from '../render/answer.ts';
import type { AnyTool } from '../tools/definition.ts';
import { compactNumbers } from './compact-numbers.ts';
import { argumentError, errorAnswer } from './error-answer.ts';
import type { Session } from './session.ts';

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: RunProgress) => void;
}

/** Everything that all tool calls share: finding the tool, checking arguments, opening the project, errors, the two forms of the answer. */
export async function callTool(
  session: Session,
  tools: readonly AnyTool[],
  name: string,
  args: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<CallToolResult> {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) {
    const known = tools.map((candidate) => candidate.name).join(', ');
    throw new McpError(ErrorCode.InvalidParams, `There is no tool "${name}". Tools: ${known}.`);
  }
  // A call about another project than the default one is followed by calls about that project.
  const where = typeof args['project_dir'] === 'string' ? { project_dir: args['project_dir'] } : {};
  try {
    const parsed = tool.input.safeParse(args);
    if (!parsed.success) throw argumentError(name, tool.input, parsed.error);
    const project = await session.open(where.project_dir ?? session.defaultDirectory);
    const { changes } = session;
    const result = await tool.handle(args, { ...(await session.services()), changes, project, ...options });
    const shown = tools.find((candidate) => candidate.name === result.tool) ?? tool;
    return answer(shown, { ...result, next_steps: within(where, result.next_steps) });
  } catch (error) {
    if (toLog(error)) console.error(error);
    const { next, ...stored } = toStoredError(error);
    return errorAnswer({ ...stored, next: within(where, next) });
  }
}

function within(where: { readonly project_dir?: string }, steps: readonly NextStep[]): NextStep[] {
  return steps.map((step) => ({ ...step, arguments: { ...where, ...step.arguments } }));
}

function answer(tool: AnyTool, result: Envelope): CallToolResult {
  const body = result.status === 'done' ? tool.render(result) : '';
  return {
    content: [
      { type: 'text', text: renderAnswer(result, body) },
      ...result.links.map((link) => ({
        type: 'resource_link' as const,
        uri: link.uri,
        name: link.title,
        mimeType: link.mime_type,
      })),
    ],
    structuredContent: { ...compactNumbers(result) },
  };
}

/** Expected failures are answers; only our own defects are worth a stack trace on stderr. */
function toLog(error: unknown): boolean {
  return !(error instanceof Error && 'kind' in error && error.kind !== 'internal');
}
