import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../src/adapters/store/open-store.ts';
import { aRun, anExperiment } from '../../support/records.ts';

/** Writes to the store of argv[2] until no more fits, and prints what the failures were and what is still there. */
const [directory = ''] = process.argv.slice(2);
const store = await openStore({ directory });
await store.runs.create(aRun());

async function failure(write: (n: number) => Promise<unknown>): Promise<unknown> {
  try {
    for (let n = 0; n < 200; n++) await write(n);
    return 'everything fitted';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error);
  }
}

const artifact = {
  run_id: 'run_1',
  kind: 'log',
  title: '',
  mime_type: '',
  extension: 'txt',
  created_at: '',
} as const;
const outcome = {
  artifact: await failure((n) =>
    store.artifacts.create({ ...artifact, id: `art_${n}` }, 'x'.repeat(500_000)),
  ),
  experiment: await failure((n) =>
    store.experiments.create(anExperiment({ id: `exp_${n}`, reason: 'x'.repeat(50_000) }), []),
  ),
  first: (await store.runs.get('run_1')) !== undefined,
  tmp: readdirSync(join(directory, 'tmp')),
};
process.stdout.write(JSON.stringify(outcome));
await store.close();
