import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../core/ports/store.ts';
import { HISTORY_FILE, locateArtifact } from '../../core/state-layout.ts';

/**
 * A store that is opened by the first call that needs it. Looking leaves no database behind: a project without history
 * answers every question with "none", and only writing creates one.
 */
export function createLazyStore(stateDirectory: string, open: () => Promise<Store>): Store {
  let opening: Promise<Store> | undefined;
  const opened = (): Promise<Store> => {
    opening ??= open().catch((error: unknown) => {
      // A disk that was full may have room by the next call.
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const historyFile = join(stateDirectory, HISTORY_FILE);
  const read = async <T>(question: (store: Store) => Promise<T>, none: T): Promise<T> =>
    opening !== undefined || (await isThere(historyFile)) ? await question(await opened()) : none;
  return {
    runs: {
      create: async (run) => (await opened()).runs.create(run),
      update: async (id, change) => (await opened()).runs.update(id, change),
      get: (id) => read((store) => store.runs.get(id), undefined),
      list: (page) => read((store) => store.runs.list(page), []),
    },
    baselines: {
      create: async (baseline, samples) => (await opened()).baselines.create(baseline, samples),
      get: (id) => read((store) => store.baselines.get(id), undefined),
      samples: (id) => read((store) => store.baselines.samples(id), []),
      first: (workload) => read((store) => store.baselines.first(workload), undefined),
      latest: (workload) => read((store) => store.baselines.latest(workload), undefined),
      list: (filter) => read((store) => store.baselines.list(filter), []),
    },
    bottlenecks: {
      create: async (found, evidence) => (await opened()).bottlenecks.create(found, evidence),
      get: (id) => read((store) => store.bottlenecks.get(id), undefined),
      latest: (workload) => read((store) => store.bottlenecks.latest(workload), []),
      ofRun: (runId) => read((store) => store.bottlenecks.ofRun(runId), []),
      list: (page) => read((store) => store.bottlenecks.list(page), []),
      evidence: (id) => read((store) => store.bottlenecks.evidence(id), undefined),
      evidenceBefore: (evidence) => read((store) => store.bottlenecks.evidenceBefore(evidence), []),
      latestEvidence: (workload) => read((store) => store.bottlenecks.latestEvidence(workload), []),
    },
    experiments: {
      create: async (experiment, samples) => (await opened()).experiments.create(experiment, samples),
      get: (id) => read((store) => store.experiments.get(id), undefined),
      samples: (id) => read((store) => store.experiments.samples(id), []),
      decide: async (id, decision) => (await opened()).experiments.decide(id, decision),
      list: (filter) => read((store) => store.experiments.list(filter), []),
      ofRun: (runId) => read((store) => store.experiments.ofRun(runId), []),
      tally: (workload) => read((store) => store.experiments.tally(workload), []),
      ledger: (filter) => read((store) => store.experiments.ledger(filter), []),
      count: (filter) => read((store) => store.experiments.count(filter), 0),
    },
    artifacts: {
      create: async (artifact, content) => (await opened()).artifacts.create(artifact, content),
      get: (id) => read((store) => store.artifacts.get(id), undefined),
      read: async (id) => (await opened()).artifacts.read(id),
      path: (artifact) => locateArtifact(stateDirectory, artifact),
      list: (page) => read((store) => store.artifacts.list(page), []),
    },
    close: async () => {
      const store = await opening?.catch(() => undefined);
      opening = undefined;
      await store?.close();
    },
  };
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
