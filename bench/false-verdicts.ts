import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sample } from '../src/core/model/measurement.ts';
import { METRIC_NAMES } from '../src/core/model/metrics.ts';
import type { Bench, Figure } from './bench.ts';
import { copyExample, readExampleGoals } from './example-project.ts';
import { judgeChange } from './judge-change.ts';
import { countVerdicts } from './verdict-figures.ts';

/** One of each kind of workload, the first of its goals; 20 comparisons in all. */
const EXAMPLES = ['site-builder-py', 'slow-query', 'slow-parse', 'slow-api'] as const;
const COMPARISONS = 5;
const MAX_FALSE = 1;

/** Where DEEP_OPTIMIZE_RECORD=1 writes the blocks, for the test of recorded comparisons. */
const RECORDINGS = fileURLToPath(new URL('../test/fixtures/unchanged-code', import.meta.url));

const COMMENTS: Readonly<Record<string, string>> = { '.py': '#', '.sql': '--' };

export const falseVerdicts: Bench = {
  name: 'false-verdicts',
  title: 'Unchanged code, judged live',
  method: `For each example a baseline at effort \`standard\`, then ${COMPARISONS} validations of a change that only adds a comment, a different one each time, at the same effort. A verdict of improved or regressed is false. It passes when at most ${MAX_FALSE} of all is.`,
  run: async () => {
    const figures: Figure[] = [];
    let wrong = 0;
    let all = 0;
    for (const name of EXAMPLES) {
      const verdicts = await judgeUnchanged(name);
      console.error(`${name}: ${countVerdicts(verdicts)}`);
      const falseOnes = verdicts.filter(
        (verdict) => verdict === 'improved' || verdict === 'regressed',
      ).length;
      wrong += falseOnes;
      all += verdicts.length;
      figures.push({
        what: name,
        value: `${falseOnes} false`,
        spread: countVerdicts(verdicts),
        n: verdicts.length,
      });
    }
    figures.push({
      what: 'all examples',
      value: `${wrong} false`,
      spread: 'verdicts of improved or regressed',
      n: all,
      target: `at most ${MAX_FALSE}`,
      outcome: wrong <= MAX_FALSE ? 'pass' : 'fail',
    });
    return figures;
  },
};

async function judgeUnchanged(name: string): Promise<readonly string[]> {
  const project = await copyExample(name);
  try {
    const connection = await project.connect();
    try {
      const goals = await readExampleGoals(project.directory);
      await connection.call('define_goals', goals);
      const [workload] = goals['workloads'] as readonly { readonly name: string }[];
      const baseline = await connection.call('measure_baseline', {
        workload: workload?.name,
        effort: 'standard',
      });
      const file = await fileOfNoOp(project.directory);
      const verdicts: string[] = [];
      const recorded: Sample[][] = [];
      for (let i = 0; i < COMPARISONS; i++) {
        await appendFile(
          join(project.directory, file),
          `\n${COMMENTS[extname(file)] ?? '//'} comment ${i}\n`,
        );
        const { verdict, experiment_id } = await judgeChange(connection, {
          against: baseline['baseline_id'],
          hypothesis: `a comment changes nothing, ${i}`,
          effort: 'standard',
        });
        verdicts.push(verdict);
        const { all_samples: samples } = (await connection.read(
          `deep-optimize://experiments/${experiment_id}`,
        )) as { readonly all_samples: Sample[] };
        recorded.push(samples);
      }
      if (process.env['DEEP_OPTIMIZE_RECORD'] === '1') await record(name, recorded);
      return verdicts;
    } finally {
      await connection.close();
    }
  } finally {
    await project.remove();
  }
}

/** Pairs of each metric, in the order of time, rounded to what a reader of the file needs. */
async function record(name: string, experiments: readonly (readonly Sample[])[]): Promise<void> {
  const blocks = experiments.flatMap((samples) => {
    const ofSide = (side: Sample['side']) => samples.filter((sample) => sample.side === side);
    const partners = new Map(ofSide('b').map((sample) => [sample.block, sample]));
    return ofSide('a').flatMap((a) => {
      const b = partners.get(a.block);
      return b === undefined ? [] : [{ a, b }];
    });
  });
  const metrics = Object.fromEntries(
    METRIC_NAMES.flatMap((metric) => {
      const pairs = blocks.map(({ a, b }) => [a.metrics[metric], b.metrics[metric]]);
      const isWhole = pairs.length > 0 && pairs.flat().every((value) => value !== undefined);
      return isWhole
        ? [[metric, pairs.map((pair) => pair.map((value) => Number(value?.toPrecision(6))))]]
        : [];
    }),
  );
  await mkdir(RECORDINGS, { recursive: true });
  await writeFile(join(RECORDINGS, `${name}.json`), `${JSON.stringify({ example: name, metrics })}\n`);
}

/** The file that the example's own no-op change touches: it is one that is really run. */
async function fileOfNoOp(directory: string): Promise<string> {
  const patch = await readFile(join(directory, 'noop.patch'), 'utf8');
  const file = /^\+\+\+ b\/(\S+)/m.exec(patch)?.[1];
  if (file === undefined) throw new Error(`noop.patch of ${directory} names no file.`);
  return file;
}
