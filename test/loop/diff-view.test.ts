import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/core/model/evidence.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { inspectEvidence } from '../../src/loop/inspect.ts';
import { readRecorded, type RecordedProgram } from '../core/detectors/recorded.ts';
import { createFakeWorld, fakeProject } from '../support/fake-ports.ts';

const TITLE = 'CPU profile, inlining off';

async function keep(project: Project, id: string, program: RecordedProgram, title = TITLE): Promise<void> {
  const common = { run_id: `run_${id}`, created_at: '2026-11-25T00:00:00.000Z' };
  const artifact = await project.store.artifacts.create(
    {
      ...common,
      id: `art_${id}`,
      kind: 'cpu-profile',
      title,
      mime_type: 'application/json',
      extension: 'cpuprofile',
    },
    readRecorded(program, 'attribution'),
  );
  const evidence: Evidence = {
    ...common,
    id: `evid_${id}`,
    kind: 'cpu-profile',
    baseline_id: null,
    workload: 'api',
    title,
    artifact_ids: [artifact.id],
    pictures: [artifact.id],
    source_root: '/srv/app',
    snapshot: { id: `snap_${id}`, tree: id, files: 1, created_at: common.created_at },
  };
  await project.store.bottlenecks.create([], [evidence]);
}

describe('the view diff', () => {
  it('shows what a change took away, against the earlier profile of the same kind', async () => {
    const project = await fakeProject(createFakeWorld());
    await keep(project, 'a', 'exceptions');
    await keep(project, 'b', 'json-heavy', 'CPU profile');
    await keep(project, 'c', 'exceptions-none');
    const { rows, subject, basis, pictures } = await inspectEvidence(project, {
      evidence_id: 'evid_c',
      view: 'diff',
      limit: 3,
      offset: 0,
    });
    expect(subject).toContain('evid_a');
    expect(pictures).toMatchObject([{ id: 'art_c', title: TITLE, mime_type: 'application/json' }]);
    expect(basis).toMatch(/\d+ busy samples before, \d+ after/);
    expect(rows[0]).toMatchObject({ function: 'ReadError (exceptions.mjs:4)', after: 0, clear: 'yes' });
  });

  it('says what is missing when nothing was captured before', async () => {
    const project = await fakeProject(createFakeWorld());
    await keep(project, 'a', 'exceptions');
    await expect(
      inspectEvidence(project, { evidence_id: 'evid_a', view: 'diff', limit: 3, offset: 0 }),
    ).rejects.toMatchObject({ code: 'unknown_id' });
  });
});
