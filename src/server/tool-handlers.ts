import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { envelopeSchema } from '../core/model/result.ts';
import type { RunProgress } from '../loop/runs.ts';
import type { AnyTool } from '../tools/definition.ts';
import { annotationsOf } from './annotations.ts';
import { callTool } from './call-tool.ts';
import { publishedInput, publishedOutput } from './published-schema.ts';
import type { Session } from './session.ts';

/** Tools are loaded when they are first asked for: a client that only connects does not pay for them. */
export function handleTools({ server }: McpServer, session: Session): void {
  const tools = async () => (await import('../tools/index.ts')).TOOLS;

  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: (await tools()).map(publishedTool),
  }));

  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) =>
    callTool(session, await tools(), params.name, params.arguments ?? {}, {
      signal: extra.signal,
      progress: progressReporter(extra),
    }),
  );
}

export function publishedTool(tool: AnyTool) {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: publishedInput(tool.input),
    outputSchema: publishedOutput(resultSchema(tool)),
    annotations: annotationsOf(tool.effect),
  };
}

/** The envelope with the tool's own fields; those are absent while a run goes on and when it failed. */
export function resultSchema(tool: AnyTool): z.ZodObject {
  return z.object({ ...envelopeSchema.shape, ...tool.output.partial().shape });
}

/** Messages a second that a client gets at most, and only when it gave a token. */
const MIN_PROGRESS_DISTANCE_MS = 700;

function progressReporter(extra: RequestHandlerExtra<ServerRequest, ServerNotification>) {
  const progressToken = extra._meta?.progressToken;
  let last = { progress: -1, atMs: -Infinity };
  return ({ fraction, message }: RunProgress): void => {
    if (progressToken === undefined || extra.signal.aborted) return;
    const atMs = performance.now();
    const progress = Math.round(fraction * 1000) / 10;
    // The specification asks for strictly increasing values.
    if (progress <= last.progress || atMs - last.atMs < MIN_PROGRESS_DISTANCE_MS) return;
    last = { progress, atMs };
    extra
      .sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message },
      })
      .catch(() => undefined);
  };
}
