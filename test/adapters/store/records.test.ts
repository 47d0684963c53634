import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import type { Store } from '../../../src/core/ports/store.ts';
import { aBaseline, aBottleneck, aRun, aSample, anEvidence, anExperiment } from '../../support/records.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

interface Opened {
  readonly store: Store;
  readonly directory: string;
  readonly unreadable: Error[];
  /** Past the store, as another program would. */
  readonly tamper: (statement: string) => void;
}

async function opened(): Promise<Opened> {
  const directory = await temporaryDirectory();
  const unreadable: Error[] = [];
  const store = await openStore({ directory, onUnreadable: (error) => unreadable.push(error) });
  onTestFinished(() => store.close());
  const tamper = (statement: string): void => {
    const database = new Database(join(directory, 'history.db'));
    database.exec(statement);
    database.close();
  };
  return { store, directory, unreadable, tamper };
}

describe('runs', () => {
  test('are created, changed and read again as they were', async () => {
    const { store } = await opened();
    await store.runs.create(aRun());
    const result = { status: 'done', numbers: [1, 2.5], text: 'naïve 🙂 "quoted"', nothing: null };
    await store.runs.update('run_1', { progress: { fraction: 0.5, message: 'half', eta_s: null } });
    await store.runs.update('run_1', { state: 'done', result, ended_at: '2026-11-22T10:05:00.000Z' });
    await store.runs.update('run_1', {});
    expect(await store.runs.get('run_1')).toEqual(
      aRun({
        state: 'done',
        progress: { fraction: 0.5, message: 'half', eta_s: null },
        result,
        ended_at: '2026-11-22T10:05:00.000Z',
      }),
    );
    await expect(store.runs.update('run_9', { state: 'done' })).rejects.toMatchObject({ kind: 'internal' });
    await expect(store.runs.create(aRun())).rejects.toMatchObject({ kind: 'internal' });
  });

  test('are listed newest first, by state, page by page, even when made in the same instant', async () => {
    const { store } = await opened();
    for (let n = 0; n < 7; n++) {
      await store.runs.create(aRun({ id: `run_${n}`, state: n % 2 === 0 ? 'done' : 'running' }));
    }
    const ids = async (page: Parameters<Store['runs']['list']>[0]) =>
      (await store.runs.list(page)).map((run) => run.id);
    expect(await ids({ limit: 3 })).toEqual(['run_6', 'run_5', 'run_4']);
    expect(await ids({ limit: 3, before: 'run_4' })).toEqual(['run_3', 'run_2', 'run_1']);
    expect(await ids({ limit: 9, state: 'running' })).toEqual(['run_5', 'run_3', 'run_1']);
    expect(await ids({ limit: 1, state: 'running', before: 'run_5' })).toEqual(['run_3']);
    await expect(ids({ limit: 3, before: 'run_99' })).rejects.toMatchObject({ code: 'unknown_id' });
  });
});

describe('ids from outside', () => {
  test.each(['../../etc/passwd', "x' or '1'='1", '', 'A', 'x y', 'ключ', `a${'a'.repeat(200)}`])(
    'the id %j finds nothing',
    async (id) => {
      const { store } = await opened();
      await store.runs.create(aRun());
      expect(await store.runs.get(id)).toBeUndefined();
      expect(await store.baselines.get(id)).toBeUndefined();
      expect(await store.experiments.get(id)).toBeUndefined();
      expect(await store.bottlenecks.get(id)).toBeUndefined();
      expect(await store.bottlenecks.evidence(id)).toBeUndefined();
      expect(await store.artifacts.get(id)).toBeUndefined();
      await expect(store.artifacts.read(id)).rejects.toMatchObject({ code: 'unknown_id' });
      await expect(store.experiments.decide(id, { kind: 'keep', id: '0001' })).rejects.toMatchObject({
        code: 'unknown_id',
      });
      await expect(store.runs.list({ limit: 1, before: id })).rejects.toMatchObject({ code: 'unknown_id' });
    },
  );
});

describe('baselines and experiments', () => {
  test('keep their samples in order, in one transaction', async () => {
    const { store } = await opened();
    const samples = Array.from({ length: 1201 }, (_, block) => aSample(block));
    await store.baselines.create(aBaseline(), samples);
    expect(await store.baselines.get('base_1')).toEqual(aBaseline());
    expect(await store.baselines.samples('base_1')).toEqual(samples);

    const broken = { ...aSample(0), metrics: { latency_p95_ms: NaN } };
    await expect(
      store.baselines.create(aBaseline({ id: 'base_2' }), [aSample(0), broken]),
    ).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('base_2') as string });
    expect(await store.baselines.get('base_2')).toBeUndefined();
    expect(await store.baselines.samples('base_2')).toEqual([]);
  });

  test('the latest baseline is the one of the workload that came last', async () => {
    const { store } = await opened();
    expect(await store.baselines.latest('list-posts')).toBeUndefined();
    await store.baselines.create(aBaseline(), []);
    await store.baselines.create(aBaseline({ id: 'base_2' }), []);
    await store.baselines.create(aBaseline({ id: 'base_3', workload: 'other' }), []);
    expect((await store.baselines.latest('list-posts'))?.id).toBe('base_2');
    expect(await store.baselines.list({ limit: 5, workload: 'list-posts' })).toEqual(
      ['base_2', 'base_1'].map((id) => ({
        id,
        workload: 'list-posts',
        snapshot_id: 'snap_0123456789ab',
        effort: 'quick',
        samples: 2,
        created_at: aBaseline().created_at,
      })),
    );
  });

  test('a decision is kept beside the experiment and can be changed', async () => {
    const { store } = await opened();
    const samples = [aSample(0), aSample(0, 'b')];
    await store.experiments.create(anExperiment(), samples);
    expect(await store.experiments.get('exp_1')).toEqual(anExperiment());
    await store.experiments.decide('exp_1', { kind: 'defer', id: '0001' });
    await store.experiments.decide('exp_1', { kind: 'keep', id: '0002' });
    expect(await store.experiments.get('exp_1')).toEqual(
      anExperiment({ decision: { kind: 'keep', id: '0002' } }),
    );
    expect(await store.experiments.samples('exp_1')).toEqual(samples);
  });

  test('experiments are filtered, paged and counted', async () => {
    const { store } = await opened();
    for (let n = 0; n < 6; n++) {
      await store.experiments.create(
        anExperiment({ id: `exp_${n}`, baseline_id: n < 4 ? 'base_1' : 'base_2', hypothesis: null }),
        [],
      );
    }
    const rows = await store.experiments.list({ limit: 2, baselineId: 'base_1' });
    expect(rows.map((row) => row.id)).toEqual(['exp_3', 'exp_2']);
    expect(rows[0]).toEqual({
      id: 'exp_3',
      workload: 'list-posts',
      baseline_id: 'base_1',
      hypothesis: null,
      strategy_id: 'bn_1--hoist',
      verdict: 'improved',
      reason: 'p95 is 18 % lower',
      decision: null,
      created_at: anExperiment().created_at,
    });
    const older = await store.experiments.list({ limit: 9, baselineId: 'base_1', before: 'exp_2' });
    expect(older.map((row) => row.id)).toEqual(['exp_1', 'exp_0']);
    expect(await store.experiments.list({ limit: 9, workload: 'other' })).toEqual([]);
    expect(await store.experiments.count({ baselineId: 'base_1' })).toBe(4);
    expect(await store.experiments.count({})).toBe(6);
  });

  test('experiments are tallied by outcome, and by the baseline that they were compared with', async () => {
    const { store } = await opened();
    for (const [n, [baseline_id, snapshot, verdict]] of (
      [
        ['base_1', 'snap_a', 'improved'],
        ['base_1', 'snap_a', 'inconclusive'],
        ['base_1', 'snap_b', 'improved'],
        ['base_2', 'snap_c', 'improved'],
      ] as const
    ).entries()) {
      const candidate_snapshot = { ...anExperiment().candidate_snapshot, id: snapshot };
      const workload = baseline_id === 'base_2' ? 'search' : 'list-posts';
      await store.experiments.create(
        anExperiment({ id: `exp_${n}`, baseline_id, candidate_snapshot, verdict, workload }),
        [],
      );
    }
    await store.experiments.decide('exp_0', { kind: 'keep', id: '0001' });
    expect(await store.experiments.tally()).toEqual([
      { verdict: 'improved', decision: null, n: 2 },
      { verdict: 'improved', decision: 'keep', n: 1 },
      { verdict: 'inconclusive', decision: null, n: 1 },
    ]);
    expect(await store.experiments.tally('search')).toEqual([{ verdict: 'improved', decision: null, n: 1 }]);
    const first = { baseline_id: 'base_1', workload: 'list-posts', attempts: 3, candidates: 2 };
    const second = { baseline_id: 'base_2', workload: 'search', attempts: 1, candidates: 1 };
    expect(await store.experiments.ledger({ limit: 5 })).toEqual([second, first]);
    expect(await store.experiments.ledger({ limit: 5, workload: 'list-posts' })).toEqual([first]);
    expect(await store.experiments.ledger({ limit: 1 })).toEqual([second]);
  });

  test('a list never reads a document: it works when every document is broken', async () => {
    const { store, tamper } = await opened();
    await store.baselines.create(aBaseline(), [aSample(0)]);
    await store.experiments.create(anExperiment(), []);
    tamper("update experiments set document = '{'; update baselines set document = '[]'");
    tamper(`update baseline_samples set document = '{"side":"c"}'`);
    expect(await store.experiments.list({ limit: 5 })).toHaveLength(1);
    expect(await store.baselines.list({ limit: 5 })).toHaveLength(1);
    const naming = (id: string) => ({
      name: 'InternalError',
      message: expect.stringContaining(id) as string,
    });
    await expect(store.experiments.get('exp_1')).rejects.toMatchObject(naming('exp_1'));
    await expect(store.baselines.get('base_1')).rejects.toMatchObject(naming('base_1'));
    await expect(store.baselines.samples('base_1')).rejects.toMatchObject(naming('base_1'));
  });
});

describe('bottlenecks and evidence', () => {
  test('the latest are those of the newest run, by rank', async () => {
    const { store } = await opened();
    expect(await store.bottlenecks.latest()).toEqual([]);
    expect(await store.bottlenecks.latestEvidence()).toEqual([]);
    await store.bottlenecks.create([aBottleneck()], [anEvidence()]);
    const at = '2026-11-22T11:00:00.000Z';
    const second = { run_id: 'run_4', created_at: at };
    await store.bottlenecks.create(
      [
        aBottleneck({ ...second, id: 'bn_3', rank: 2 }),
        aBottleneck({ ...second, id: 'bn_2', rank: 1, workload: 'other' }),
      ],
      [anEvidence({ ...second, id: 'ev_2' }), anEvidence({ ...second, id: 'ev_3' })],
    );
    const ids = (records: readonly { readonly id: string }[]) => records.map((record) => record.id);
    expect(ids(await store.bottlenecks.latest())).toEqual(['bn_2', 'bn_3']);
    expect(ids(await store.bottlenecks.latest('list-posts'))).toEqual(['bn_3']);
    expect(await store.bottlenecks.ofRun('run_3')).toEqual([aBottleneck()]);
    expect(ids(await store.bottlenecks.list({ limit: 2 }))).toEqual(['bn_2', 'bn_3']);
    expect(ids(await store.bottlenecks.list({ limit: 2, before: 'bn_3' }))).toEqual(['bn_1']);
    expect(await store.bottlenecks.get('bn_1')).toEqual(aBottleneck());
    expect(ids(await store.bottlenecks.latestEvidence())).toEqual(['ev_2', 'ev_3']);
    expect(await store.bottlenecks.latestEvidence('other')).toEqual([]);
    expect(await store.bottlenecks.evidence('ev_1')).toEqual(anEvidence());
    const third = anEvidence({ id: 'ev_4', run_id: 'run_5' });
    await store.bottlenecks.create(
      [],
      [anEvidence({ id: 'ev_5', workload: 'other', run_id: 'run_5' }), third],
    );
    expect(ids(await store.bottlenecks.evidenceBefore(third))).toEqual(['ev_3', 'ev_2', 'ev_1']);
    expect(ids(await store.bottlenecks.evidenceBefore(anEvidence({ ...second, id: 'ev_3' })))).toEqual([
      'ev_1',
    ]);
    expect(await store.bottlenecks.evidenceBefore(anEvidence())).toEqual([]);
  });

  test('a newer run that found nothing hides the findings of the run before', async () => {
    const { store } = await opened();
    await store.bottlenecks.create([aBottleneck()], [anEvidence()]);
    await store.bottlenecks.create(
      [],
      [anEvidence({ id: 'ev_2', run_id: 'run_4', created_at: '2026-11-22T11:00:00.000Z' })],
    );
    expect(await store.bottlenecks.latest()).toEqual([]);
  });

  test('a record that cannot be read is left out of a list, reported, and named when asked for', async () => {
    const { store, tamper, unreadable } = await opened();
    await store.bottlenecks.create([aBottleneck(), aBottleneck({ id: 'bn_2', rank: 2 })], []);
    tamper(`update bottlenecks set document = '{"id":"bn_1"}' where id = 'bn_1'`);
    expect((await store.bottlenecks.list({ limit: 9 })).map((record) => record.id)).toEqual(['bn_2']);
    expect(unreadable.map((error) => error.message)).toEqual([expect.stringContaining('bn_1')]);
    await expect(store.bottlenecks.get('bn_1')).rejects.toMatchObject({ kind: 'internal' });
  });
});

describe('artifacts', () => {
  const artifact = {
    id: 'art_1',
    run_id: 'run_1',
    kind: 'cpu-profile',
    title: 'profile',
    mime_type: 'application/json',
    extension: 'cpuprofile',
    created_at: '2026-11-22T10:00:00.000Z',
  } as const;

  test('are files with a record', async () => {
    const { store, directory } = await opened();
    const bytes = Uint8Array.from([0, 255, 10, 13, 128]);
    const created = await store.artifacts.create(artifact, bytes);
    expect(created).toMatchObject({ id: 'art_1', file: 'art_1.cpuprofile', bytes: 5 });
    expect(Uint8Array.from(await store.artifacts.read('art_1'))).toEqual(bytes);
    expect(store.artifacts.path(created)).toBe(join(directory, 'artifacts', 'art_1.cpuprofile'));
    expect(await store.artifacts.get('art_1')).toEqual(created);
    const text = await store.artifacts.create({ ...artifact, id: 'art_2', extension: 'json.gz' }, 'é');
    expect(text).toMatchObject({ bytes: 2, file: 'art_2.json.gz' });
    expect((await store.artifacts.list({ limit: 9 })).map((item) => item.id)).toEqual(['art_2', 'art_1']);
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });

  test('a second one of the same id leaves the first as it was', async () => {
    const { store, directory } = await opened();
    await store.artifacts.create(artifact, 'first');
    await expect(store.artifacts.create(artifact, 'second')).rejects.toMatchObject({ kind: 'internal' });
    expect(Buffer.from(await store.artifacts.read('art_1')).toString()).toBe('first');
    expect(await readdir(join(directory, 'tmp'))).toEqual([]);
  });

  test.each([
    ['../evil', 'json'],
    ['art', '../../evil'],
    ['art', 'j/son'],
    ['art', ''],
  ])('id %j with extension %j is refused', async (id, extension) => {
    const { store, directory } = await opened();
    await expect(store.artifacts.create({ ...artifact, id, extension }, 'x')).rejects.toMatchObject({
      kind: 'internal',
    });
    expect(await readdir(directory)).not.toContain('evil');
  });

  test('a record or a link that leads elsewhere is not followed', async () => {
    const { store, directory, tamper } = await opened();
    const secret = join(await temporaryDirectory(), 'secret.txt');
    await writeFile(secret, 'secret');
    const created = await store.artifacts.create(artifact, 'x');
    tamper(`update artifacts set file = '../../${secret}' where id = 'art_1'`);
    await expect(store.artifacts.read('art_1')).rejects.toMatchObject({ kind: 'internal' });
    tamper(`update artifacts set file = 'art_1.cpuprofile'`);
    await rm(store.artifacts.path(created));
    await expect(store.artifacts.read('art_1')).rejects.toMatchObject({ code: 'unknown_id' });
    await symlink(secret, store.artifacts.path(created));
    await expect(store.artifacts.read('art_1')).rejects.toMatchObject({ code: 'state_corrupt' });

    await rm(join(directory, 'artifacts'), { recursive: true });
    const target = join(await temporaryDirectory(), 'out');
    await mkdir(target);
    await symlink(target, join(directory, 'artifacts'));
    await expect(store.artifacts.create({ ...artifact, id: 'art_3' }, 'x')).rejects.toMatchObject({
      code: 'state_corrupt',
    });
    expect(await readdir(target)).toEqual([]);
    expect(await readFile(secret, 'utf8')).toBe('secret');
  });
});

describe('size', () => {
  test('a page of a long history reads a page of it', async () => {
    const { directory, tamper } = await opened();
    const filler = JSON.stringify(anExperiment()).padEnd(8000);
    tamper(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
       insert into experiments (id, created_at, run_id, workload, baseline_id, candidate_snapshot_id, verdict, reason, document)
       select 'exp_' || i, '2026', 'run', 'w' || (i % 7), 'base_' || (i % 11), 'snap_' || i, 'improved', 'r', '${filler}' from n`,
    );
    const database = new Database(join(directory, 'history.db'));
    const plan = (statement: string): string =>
      JSON.stringify(database.prepare(`explain query plan ${statement}`).all([]));
    for (const filter of ["workload = 'w1'", "baseline_id = 'base_1'"]) {
      const used = plan(
        `select id, verdict from experiments where ${filter} and seq < 2000 order by seq desc limit 50`,
      );
      expect(used).toContain('USING INDEX');
      expect(used).not.toContain('TEMP B-TREE');
    }
    database.close();
    const store = await openStore({ directory });
    expect(await store.experiments.list({ limit: 50, before: 'exp_2000' })).toHaveLength(50);
    await store.close();
  });
});
