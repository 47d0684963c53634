import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { INSTRUCTIONS } from './instructions.ts';
import { handlePrompts } from './prompt-handlers.ts';
import { handleResources } from './resource-handlers.ts';
import type { Session } from './session.ts';
import { handleTools } from './tool-handlers.ts';

/** The MCP server of a session, not yet connected to a transport (tests connect it in memory). */
export function createServer(session: Session, version: string): McpServer {
  const server = new McpServer(
    { name: 'deep-optimize', title: 'deep-optimize', version },
    {
      instructions: INSTRUCTIONS,
      capabilities: {
        tools: {},
        prompts: {},
        completions: {},
        resources: { listChanged: true, subscribe: true },
      },
    },
  );
  handleTools(server, session);
  handleResources(server, session);
  handlePrompts(server);
  return server;
}
