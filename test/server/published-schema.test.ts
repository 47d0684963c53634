import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { expect, it, onTestFinished } from 'vitest';
import { createChanges } from '../../src/loop/changes.ts';
import { createServer, createSession } from '../../src/server/index.ts';
import { publishedTool } from '../../src/server/tool-handlers.ts';
import { TOOLS } from '../../src/tools/index.ts';
import { createPorts, createRuns } from '../../src/wire.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

it('answers with what a client accepts that checks them against the listed schema', async () => {
  const project = await temporaryDirectory();
  cpSync(join(import.meta.dirname, '..', '..', 'examples', 'slow-api'), project, { recursive: true });
  const session = createSession(project, createChanges(), () => {
    const ports = createPorts({ allowHosts: [] });
    return Promise.resolve({ ports, runs: createRuns(ports) });
  });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await createServer(session, '0').connect(there);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(here);
  onTestFinished(async () => {
    await client.close();
    await session.close();
  });

  // Listing gives the client the schemas; from then on it refuses answers that do not fit.
  await client.listTools();
  const drafted = await client.callTool({ name: 'define_goals', arguments: {} });
  expect(drafted.structuredContent).toMatchObject({ status: 'done', saved: false });
  const history = await client.callTool({ name: 'get_history', arguments: {} });
  expect(history.structuredContent).toMatchObject({ status: 'done' });
});

it('says what lists of arguments hold, and spares the words for results', () => {
  const tool = TOOLS.find(({ name }) => name === 'propose_strategies');
  if (!tool) throw new Error('no such tool');
  const { inputSchema, outputSchema } = publishedTool(tool);
  expect(inputSchema['properties']).toMatchObject({
    proposal: { type: 'object', properties: { needs: { items: { type: 'string' } } } },
  });
  expect(outputSchema['properties']).toMatchObject({ strategies: { type: 'array' } });
  expect(JSON.stringify(outputSchema)).not.toContain('items');
  expect(JSON.stringify(TOOLS.map(publishedTool))).not.toContain('additionalProperties":false');
});
