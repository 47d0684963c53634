import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, SERVER_FILE } from '../support/built-package.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyExample } from '../support/test-project.ts';

const run = promisify(execFile);

describe('MCP Inspector on the command line', () => {
  const home = createTestHome();
  const project = copyExample(home, 'slow-api');

  async function inspect(method: string, ...more: readonly string[]): Promise<Record<string, unknown>> {
    const inspector = join(REPOSITORY, 'node_modules', '.bin', 'mcp-inspector');
    const args = ['--cli', process.execPath, SERVER_FILE, '--method', method, ...more, '--format', 'json'];
    const { stdout } = await run(inspector, args, { cwd: project, env: { ...home.env } });
    return (JSON.parse(stdout) as { readonly result: Record<string, unknown> }).result;
  }

  it('lists twelve tools, the resources, templates and prompts', async () => {
    const { tools } = await inspect('tools/list');
    expect((tools as { name: string }[]).map((tool) => tool.name)).toEqual([
      'define_goals',
      'measure_baseline',
      'find_bottlenecks',
      'inspect_evidence',
      'propose_strategies',
      'validate_change',
      'record_decision',
      'add_budget',
      'check_budgets',
      'get_run',
      'cancel_run',
      'get_history',
    ]);
    const { resources } = await inspect('resources/list');
    expect((resources as { uri: string }[]).map((resource) => resource.uri).sort()).toEqual(
      ['baselines', 'budgets', 'decisions', 'experiments', 'goals'].map((name) => `deep-optimize://${name}`),
    );
    const { resourceTemplates } = await inspect('resources/templates/list');
    expect(
      (resourceTemplates as { uriTemplate: string }[]).map((template) => template.uriTemplate).sort(),
    ).toEqual(
      ['artifacts', 'baselines', 'bottlenecks', 'experiments'].map((name) => `deep-optimize://${name}/{id}`),
    );
    const { prompts } = await inspect('prompts/list');
    expect((prompts as { name: string }[]).map((prompt) => prompt.name)).toEqual([
      'deep_optimize',
      'review_performance_change',
    ]);
  });

  it('gets a sensible draft of goals, and looking leaves nothing behind', async () => {
    const { structuredContent } = await inspect(
      'tools/call',
      '--tool-name',
      'define_goals',
      '--tool-args-json',
      '{}',
    );
    expect(structuredContent).toMatchObject({
      saved: false,
      found: [
        'start command: node src/server.js',
        'framework: Fastify',
        'routes: 3 of 4 as requests',
        'test command: npm test',
      ],
      goals: {
        workloads: [
          {
            kind: 'http',
            start: { command: ['node', 'src/server.js'] },
            requests: [{ path: '/products' }, { path: '/products/1' }, { path: '/recommendations/1' }],
          },
        ],
      },
    });
    await expect(run('ls', [join(project, '.deep-optimize')])).rejects.toThrow(/No such file/);
  });
});
