import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './built-package.ts';
import type { TestHome } from './test-home.ts';

/** A copy of an example that finds its packages among ours. */
export function copyExample(home: TestHome, name: string): string {
  const project = join(home.newDirectory(name), name);
  cpSync(join(REPOSITORY, 'examples', name), project, { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(project, 'node_modules'), 'dir');
  return project;
}

/** A project of the fixture targets: each file of test/fixtures/targets is a start command away. */
export function copyTargets(home: TestHome): string {
  const project = home.newDirectory('targets');
  cpSync(join(REPOSITORY, 'test', 'fixtures', 'targets'), project, { recursive: true });
  return project;
}

/** The goals that an example ships with, as arguments of define_goals. */
export function readGoals(project: string): Readonly<Record<string, unknown>> {
  const goals = JSON.parse(readFileSync(join(project, 'goals.json'), 'utf8')) as Record<string, unknown>;
  const { workloads, objectives, constraints, correctness } = goals;
  return { workloads, objectives, constraints, correctness };
}

/** A workload of a fixture target. The light load keeps a busy machine from making requests fail. */
export function workloadOf(name: string, change: Readonly<Record<string, unknown>> = {}) {
  return {
    name,
    kind: 'http',
    start: { command: ['node', `${name}.mjs`], ready: { path: '/health' } },
    requests: [{ path: '/work', expect: { status: 200 } }],
    load: { connections: 4, rate_per_s: 100 },
    ...change,
  };
}
