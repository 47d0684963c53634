import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClientOfV2, type TestClient } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyExample } from '../support/test-project.ts';
import { expectIncreasing, walkToBottlenecks, type Walk } from './walk-to-bottlenecks.ts';

describe('the client package of the second major version', () => {
  const home = createTestHome();
  let client: TestClient;
  let walk: Walk;

  beforeAll(async () => {
    const project = copyExample(home, 'slow-parse');
    client = await startClientOfV2({ cwd: project, env: home.env });
    // Short waits: most answers are "running", as with a client that gives up early.
    walk = await walkToBottlenecks(client, project, { wait_s: 4 });
  }, 180_000);
  afterAll(() => client.close());

  it('finds the planted function first, with its line', () => {
    const [first] = walk.bottlenecks.data['bottlenecks'] as readonly unknown[];
    expect(first).toMatchObject({
      location: { file: 'src/parse-orders.ts', line: expect.any(Number) as number },
    });
  });

  it('reports progress that only increases within each call', () => {
    expectIncreasing(walk.progress);
    expect(client.faults).toEqual([]);
  });

  it('gets the result of a finished run again, the same as before', async () => {
    const again = await client.request('get_run', { run_id: walk.baseline.data['run_id'] });
    expect(again.data).toEqual(walk.baseline.data);
  });
});
