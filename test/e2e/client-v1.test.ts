import {
  ErrorCode,
  McpError,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClientOfV1, type TestClientOfV1 } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyExample } from '../support/test-project.ts';
import {
  expectIncreasing,
  expectPlantedBottleneck,
  walkToBottlenecks,
  type Walk,
} from './walk-to-bottlenecks.ts';

describe('the first major version of the SDK as client', () => {
  const home = createTestHome();
  const updated: string[] = [];
  let listChanges = 0;
  let client: TestClientOfV1;
  let walk: Walk;

  beforeAll(async () => {
    const project = copyExample(home, 'slow-api');
    client = await startClientOfV1({ cwd: project, env: home.env });
    client.sdk.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      updated.push(params.uri);
    });
    client.sdk.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
      listChanges += 1;
    });
    await client.sdk.subscribeResource({ uri: 'deep-optimize://baselines' });
    walk = await walkToBottlenecks(client, project, {});
  }, 180_000);
  afterAll(() => client.close());

  it('finds the planted function first, with its line', () => {
    expectPlantedBottleneck(walk.bottlenecks);
  });

  it('reports progress that only increases, to who asked', () => {
    expectIncreasing(walk.progress);
    expect(client.faults).toEqual([]);
  });

  it('leaves nothing running behind a finished run', () => {
    expect(home.processes(client.pid)).toEqual([]);
  });

  it('tells subscribers that the baselines changed', () => {
    expect(updated).toContain('deep-optimize://baselines');
    expect(updated.every((uri) => uri === 'deep-optimize://baselines')).toBe(true);
    expect(listChanges).toBeGreaterThan(0);
  });

  it('lists, completes and reads what was recorded', async () => {
    const id = String(walk.baseline.data['baseline_id']);
    const uri = `deep-optimize://baselines/${id}`;
    const { resources } = await client.sdk.listResources();
    expect(resources.map((resource) => resource.uri)).toEqual(
      expect.arrayContaining(['deep-optimize://goals', 'deep-optimize://baselines', uri]),
    );
    const { completion } = await client.sdk.complete({
      ref: { type: 'ref/resource', uri: 'deep-optimize://baselines/{id}' },
      argument: { name: 'id', value: id.slice(0, 6) },
    });
    expect(completion.values).toEqual([id]);
    const { contents } = await client.sdk.readResource({ uri });
    expect(JSON.parse(textOf(contents[0]))).toMatchObject({ id, samples: expect.anything() as unknown });
    // Every link that the answers gave can be followed.
    for (const { uri: link } of walk.bottlenecks.data['links'] as { uri: string }[]) {
      expect((await client.sdk.readResource({ uri: link })).contents[0]).toMatchObject({ uri: link });
    }
  });

  it('refuses what is not there as a protocol error', async () => {
    const wrong = [
      client.sdk.callTool({ name: 'make_it_faster', arguments: {} }),
      client.sdk.readResource({ uri: 'deep-optimize://baselines/base_nope' }),
      client.sdk.readResource({ uri: 'deep-optimize://artifacts/../../../etc/passwd' }),
      client.sdk.readResource({ uri: 'file:///etc/passwd' }),
      client.sdk.getPrompt({ name: 'no_such_prompt' }),
    ];
    for (const outcome of await Promise.allSettled(wrong)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: ErrorCode.InvalidParams } });
      expect(outcome.status === 'rejected' && outcome.reason instanceof McpError).toBe(true);
    }
  });
});

function textOf(content: object | undefined): string {
  return content !== undefined && 'text' in content ? String(content.text) : '';
}
