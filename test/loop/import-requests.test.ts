import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defineGoals } from '../../src/loop/goals.ts';
import type { ImportRequest } from '../../src/loop/import-requests.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { createFakeWorld, fakeProject, GOALS, WORKLOAD } from '../support/fake-ports.ts';
import type { FakeWorld } from '../support/fake-ports.ts';
import { writeFiles } from '../support/git-project.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const OPEN_API = 'openapi: 3.0.0\npaths: { /pets: { get: {} } }\n';

async function importInto(world: FakeWorld, project: Project, request: ImportRequest) {
  const defined = await defineGoals(world.ports, project, { import: request });
  if (defined.state !== 'draft') throw new Error(`expected a draft, got ${defined.state}`);
  return defined.draft;
}

it('drafts a workload with the requests of a recording, and saves nothing', async () => {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: GOALS });
  writeFiles(project.directory, {
    'server.js': `app.get('/health', x); app.listen(process.env.PORT)`,
    'package.json': '{"name":"shop","scripts":{"start":"node server.js"}}',
  });
  copyFileSync(join(FIXTURES, 'har/playwright-1.65.1.har'), join(project.directory, 'recorded.json'));
  const { goals, found, missing } = await importInto(world, project, { file: 'recorded.json' });
  expect(goals).toMatchObject({
    workloads: [
      {
        name: 'shop',
        kind: 'http',
        start: { command: ['node', 'server.js'], ready: { path: '/health' } },
        draft: true,
      },
    ],
    objectives: [],
    constraints: [],
  });
  expect(goals.workloads[0]).toHaveProperty('requests.length', 9);
  expect(found[0]).toContain('recorded.json: 15 of 25 entries');
  expect(missing.map(({ what }) => what).join()).toContain('headers cookie, authorization');
  expect(await project.files.readGoals()).toMatchObject(GOALS);
});

it('puts requests into a workload that exists, and leaves the rest of it', async () => {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: GOALS });
  writeFiles(project.directory, { 'a.yaml': OPEN_API });
  const { goals } = await importInto(world, project, { file: 'a.yaml', workload: WORKLOAD.name });
  expect(goals.workloads).toEqual([
    { ...WORKLOAD, requests: [{ method: 'GET', path: '/pets' }], draft: true },
  ]);
});

it('gives a new workload the name that was asked for', async () => {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: GOALS });
  writeFiles(project.directory, { 'a.yaml': OPEN_API, 'main.js': 'app.listen(1)' });
  const { goals } = await importInto(world, project, { file: 'a.yaml', workload: 'pets' });
  expect(goals.workloads).toMatchObject([{ name: 'pets', start: { command: ['node', 'main.js'] } }]);
});

it('asks for the start command where nothing tells it', async () => {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: GOALS });
  writeFiles(project.directory, { 'a.yaml': OPEN_API });
  await expect(importInto(world, project, { file: 'a.yaml' })).rejects.toMatchObject({
    code: 'invalid_import',
    fix: expect.stringContaining('start command') as string,
  });
});

it('refuses a workload of another kind', async () => {
  const world = createFakeWorld();
  const command = { name: 'build', kind: 'command', command: ['make'] } as const;
  const project = await fakeProject(world, {
    goals: { workloads: [{ ...command, command: [...command.command] }], objectives: [], constraints: [] },
  });
  writeFiles(project.directory, { 'a.yaml': OPEN_API });
  await expect(importInto(world, project, { file: 'a.yaml', workload: 'build' })).rejects.toThrow(
    /of kind "command"/,
  );
});

it('lists drafts among what is still missing', async () => {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: GOALS });
  const workloads = [{ ...WORKLOAD, draft: true }];
  const saved = await defineGoals(world.ports, project, { workloads });
  expect(saved).toHaveProperty('missing.0.what', `workloads ${WORKLOAD.name}`);
  const confirmed = await defineGoals(world.ports, project, { workloads: [{ name: WORKLOAD.name }] });
  expect(JSON.stringify(confirmed)).not.toContain('still drafts');
});
