import { openStore } from '../../../src/adapters/store/open-store.ts';
import { aRun } from '../../support/records.ts';

/** One server process: opens the store of argv[2], writes argv[4] runs named after argv[3], closes. */
const [directory = '', name = '', count = '1'] = process.argv.slice(2);
const store = await openStore({ directory });
for (let n = 0; n < Number(count); n++) await store.runs.create(aRun({ id: `${name}_${n}` }));
await store.close();
