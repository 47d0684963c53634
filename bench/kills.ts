import type { Bench } from './bench.ts';
import { killValidations } from './kill-validations.ts';

const KILLS = 20;
const SEED = 20_261;

export const kills: Bench = {
  name: 'kills',
  title: `A server that is killed while it validates`,
  method: `SIGKILL at ${KILLS} random moments (seed ${SEED}) of a validation of a command workload with setup and tests; each time the next server is started on the same project. It passes when the history is readable, the run is told as interrupted (or done, where it was), and no process, checkout or temporary file is left.`,
  run: async () => {
    const found = await killValidations(KILLS, SEED);
    const count = (good: (after: (typeof found)[number]) => boolean) => {
      const n = found.filter(good).length;
      return {
        value: `${n} of ${found.length}`,
        spread: '',
        n: found.length,
        target: 'all',
        outcome: n === found.length ? ('pass' as const) : ('fail' as const),
      };
    };
    const running = found.filter(({ state }) => state === 'interrupted').length;
    return [
      { what: 'history readable', ...count(({ isReadable }) => isReadable) },
      {
        what: 'run interrupted, or done',
        ...count(({ state }) => state === 'interrupted' || state === 'done'),
        spread: `${running} interrupted`,
      },
      {
        what: 'no process left',
        ...count(({ processes }) => processes.length === 0),
        spread: `${found.reduce((sum, { orphans }) => sum + orphans, 0)} ended`,
      },
      { what: 'no checkout left', ...count(({ checkouts }) => checkouts.length === 0) },
      { what: 'no temporary file left', ...count(({ temporary }) => temporary.length === 0) },
    ];
  },
};
