import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';

export function handlePrompts({ server }: McpServer): void {
  const prompts = async () => (await import('../prompts/index.ts')).PROMPTS;

  server.setRequestHandler(ListPromptsRequestSchema, async () => ({
    prompts: (await prompts()).map(({ name, title, description, args }) => ({
      name,
      title,
      description,
      arguments: (Object.entries(args.shape) as [string, z.ZodType][]).map(([argument, schema]) => ({
        name: argument,
        ...(schema.description === undefined ? {} : { description: schema.description }),
        required: !schema.safeParse(undefined).success,
      })),
    })),
  }));

  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) => {
    const prompt = (await prompts()).find((candidate) => candidate.name === params.name);
    if (!prompt) throw new McpError(ErrorCode.InvalidParams, `There is no prompt "${params.name}".`);
    const parsed = prompt.args.safeParse(params.arguments ?? {});
    if (!parsed.success) {
      const valid = Object.keys(prompt.args.shape).join(', ');
      throw new McpError(
        ErrorCode.InvalidParams,
        `${params.name}: ${parsed.error.issues[0]?.message ?? 'wrong arguments'}. Valid: ${valid}.`,
      );
    }
    return {
      description: prompt.description,
      messages: [{ role: 'user', content: { type: 'text', text: prompt.text(parsed.data) } }],
    };
  });
}
