import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRawServer, type RawServer } from '../support/raw-server.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyTargets, workloadOf } from '../support/test-project.ts';

describe('stdout, while the target prints a megabyte to each of its own streams', () => {
  const home = createTestHome();
  let server: RawServer;
  let runId: unknown;

  beforeAll(async () => {
    server = await startRawServer({ cwd: copyTargets(home), env: home.env });
    await server.call('define_goals', { workloads: [workloadOf('prints-a-megabyte')] });
    const { data } = await server.call('measure_baseline', { effort: 'quick', wait_s: 0 });
    runId = data['run_id'];
  });
  afterAll(() => server.stop());

  it('survives lines that are no messages, in the middle of a measurement', async () => {
    server.write('this is not JSON');
    server.write('{"jsonrpc":"2.0","id":');
    server.write('[]');
    server.write('null');
    server.write('{"jsonrpc":"1.0","id":7,"method":"ping"}');
    server.write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/never_heard_of' }));
    server.write('');
    expect(await server.request('ping')).toMatchObject({ result: {} });
    expect(await server.request('no/such/method')).toMatchObject({ error: { code: -32601 } });
    for (const params of [{ arguments: {} }, { name: 'get_run', arguments: 'text' }, { name: 7 }]) {
      expect(await server.request('tools/call', params)).toHaveProperty('error.code');
    }
  });

  it('carries nothing but JSON-RPC, and no progress that nobody asked for', async () => {
    // Until two fresh processes were started, loaded and stopped: enough lines of the target for a leak to show.
    for (;;) {
      const { data } = await server.call('get_run', { run_id: runId, wait_s: 2 });
      expect(data['status'], JSON.stringify(data)).toBe('running');
      if (/process [2-6] of 6/.test(String(data['summary']))) break;
    }
    const { data } = await server.call('cancel_run', { run_id: runId });
    expect(data).toMatchObject({ state: 'cancelled' });
    const messages = server.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(messages.length).toBeGreaterThan(5);
    for (const message of messages) {
      expect(message['jsonrpc']).toBe('2.0');
      expect('result' in message || 'error' in message || 'method' in message).toBe(true);
    }
    expect(messages.filter((message) => message['method'] === 'notifications/progress')).toEqual([]);
    expect(server.lines.join('\n')).not.toContain('All work and no play');
    expect(home.processes(server.pid)).toEqual([]);
  });
});
