import { dirname } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { createChanges } from '../../src/loop/changes.ts';
import { createServer, createSession } from '../../src/server/index.ts';
import { createPorts, createRuns } from '../../src/wire.ts';
import { SERVER_FILE } from './built-package.ts';
import { complete, type TestClient } from './mcp.ts';

/**
 * A server in this process, with the children of the built package: for tests that have to be there in the middle of a run.
 * Its environment is the one of this process.
 */
export async function startServerInProcess(cwd: string): Promise<TestClient> {
  const session = createSession(cwd, createChanges(), () => {
    const ports = createPorts({ allowHosts: [], filesDir: dirname(SERVER_FILE) });
    return Promise.resolve({ ports, runs: createRuns(ports) });
  });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await createServer(session, '0').connect(there);
  const sdk = new Client({ name: 'deep-optimize-tests', version: '1' });
  await sdk.connect(here);
  return complete({
    pid: process.pid,
    faults: [],
    list: async () => (await sdk.listTools()).tools,
    send: (name, args) => sdk.callTool({ name, arguments: { ...args } }),
    close: async () => {
      await sdk.close();
      await session.close();
    },
  });
}
