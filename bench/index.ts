/**
 * `npm run bench [names…] [--strict]`: runs the benches, prints a table and writes the figures into docs/benchmarks.md (or docs/method.md). A
 * missed target is a figure and no failure, since the machine decides too; with --strict it ends with 1.
 */
import { baseline } from './baseline.ts';
import type { Bench, Figure } from './bench.ts';
import { updatePage } from './benchmarks-page.ts';
import { bottlenecks } from './bottlenecks.ts';
import { observe } from './conditions.ts';
import { firstAnswer } from './first-answer.ts';
import { history } from './history.ts';
import { busyNeighbour } from './busy-neighbour.ts';
import { commandVerdicts } from './command-verdicts.ts';
import { falseVerdicts } from './false-verdicts.ts';
import { functionVerdicts } from './function-verdicts.ts';
import { httpVerdicts } from './http-verdicts.ts';
import { importBench } from './import.ts';
import { kills } from './kills.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { passes } from './passes.ts';
import { neighbourVerdicts } from './neighbour-verdicts.ts';
import { packagePairs } from './package-pairs.ts';
import { plantedChanges } from './planted-changes.ts';
import { probe } from './probe.ts';
import { sampler } from './sampler.ts';
import { spans } from './spans.ts';
import { sweeps } from './sweeps.ts';
import { toolList } from './tool-list.ts';

/** In the order in which they run: the long ones last. */
const BENCHES: readonly Bench[] = [
  toolList,
  memory,
  sampler,
  spans,
  firstAnswer,
  history,
  importBench,
  kills,
  load,
  probe,
  passes,
  baseline,
  busyNeighbour,
  sweeps,
  bottlenecks,
  commandVerdicts,
  httpVerdicts,
  neighbourVerdicts,
  plantedChanges,
  packagePairs,
  functionVerdicts,
  falseVerdicts,
];

const args = process.argv.slice(2);
const strict = args.includes('--strict');
const wanted = args.filter((argument) => argument !== '--strict');
const unknown = wanted.find((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". Benches: ${BENCHES.map(({ name }) => name).join(', ')}.`);
  process.exit(3);
}

let failed = false;
for (const bench of BENCHES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const { result: figures, conditions } = await observe(() => bench.run());
  print(bench, figures);
  await updatePage(bench, figures, conditions);
  failed ||= figures.some(({ outcome }) => outcome === 'fail');
}
if (strict && failed) process.exitCode = 1;

function print({ title, name }: Bench, figures: readonly Figure[]): void {
  console.log(`\n${title} (${name})`);
  for (const { what, value, spread, n, target = '', outcome = '' } of figures) {
    const cells = [
      what.padEnd(44),
      value.padStart(12),
      spread.padEnd(26),
      `n=${n}`.padEnd(8),
      target.padEnd(16),
      outcome,
    ];
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
}
