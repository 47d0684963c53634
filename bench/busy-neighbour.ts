import type { Bench, Figure } from './bench.ts';
import { copyExample, readExampleGoals, type Answer, type Connection } from './example-project.ts';
import { besideNeighbour } from './neighbour.ts';

interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  readonly resolvable_effect: number | null;
}

export const busyNeighbour: Bench = {
  name: 'busy-neighbour',
  title: 'A baseline beside a busy neighbour',
  method:
    'Two baselines of examples/slow-api at effort `standard`: on the machine as it is, and while another process burns a core in bursts of a second. The second has to say so, and may claim no finer effect than its own noise allows: the effect that it says it resolves is not smaller than a fifth of the relative half-width of its interval (24 blocks narrow an interval of 16 processes by about half).',
  run: async () => {
    const project = await copyExample();
    try {
      const connection = await project.connect();
      try {
        await connection.call('define_goals', await readExampleGoals(project.directory));
        const quiet = await measure(connection);
        const busy = await besideNeighbour(() => measure(connection));
        return [...figuresOf('as it is', quiet, false), ...figuresOf('busy neighbour', busy, true)];
      } finally {
        await connection.close();
      }
    } finally {
      await project.remove();
    }
  },
};

function measure(connection: Connection): Promise<Answer> {
  return connection.call('measure_baseline', { effort: 'standard' });
}

function figuresOf(where: string, answer: Answer, isBusy: boolean): readonly Figure[] {
  const warnings = answer['warnings'] as readonly { readonly code: string }[];
  const throughput = (answer['estimates'] as Record<string, Estimate>)['throughput_rps'];
  const foreign = answer['foreign_cpu_share'] as { readonly max: number };
  const saysSo = warnings.some(({ code }) => code === 'busy_machine');
  const { value = NaN, interval = null, resolvable_effect: resolves = null } = throughput ?? {};
  const halfWidth = interval === null ? null : (interval[1] - interval[0]) / 2 / value;
  return [
    {
      what: `${where}: foreign CPU, at most`,
      value: `${(foreign.max * 100).toFixed(0)} %`,
      spread: saysSo ? 'busy_machine is said' : 'no warning',
      n: Number(answer['samples']),
      ...(isBusy ? { target: 'said', outcome: saysSo ? ('pass' as const) : ('fail' as const) } : {}),
    },
    {
      what: `${where}: throughput`,
      value: `${value.toFixed(0)} /s`,
      spread: interval === null ? 'no interval' : `${interval[0].toFixed(0)} to ${interval[1].toFixed(0)} /s`,
      n: Number(answer['samples']),
    },
    {
      what: `${where}: effect that it resolves`,
      value: resolves === null ? 'not said' : `${(resolves * 100).toFixed(1)} %`,
      spread: halfWidth === null ? '' : `half-width ${(halfWidth * 100).toFixed(1)} %`,
      n: Number(answer['samples']),
      target: 'at least half-width / 5',
      outcome: resolves === null || halfWidth === null || resolves >= halfWidth / 5 ? 'pass' : 'fail',
    },
  ];
}
