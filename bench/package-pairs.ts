import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { METRICS } from '../src/core/model/metrics.ts';
import { readPackagePairs, switchVersion, type PackagePair } from '../test/support/package-pairs.ts';
import type { Bench, Figure, Outcome } from './bench.ts';
import { readExampleGoals, withExample, type Connection, type ExampleProject } from './example-project.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { measureReference, type ReferenceRatio } from './reference-ratio.ts';
import { callsOf, isWanted } from './verdict-calls.ts';

const run = promisify(execFile);
const EXAMPLE = 'package-pairs';
const BLOCKS = 30;
const EFFORT = 'standard';
/** Of the metric that decides on functions: a smaller difference may rightly be called either way. */
const MINIMUM_EFFECT = METRICS.wall_low_ms.minimumEffect;

export const packagePairs: Bench = {
  name: 'package-pairs',
  title: 'Two versions of real packages',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a module of examples/package-pairs whose import was switched to the newer version, against a reference of ${BLOCKS} interleaved blocks of fresh processes that shares nothing with our verdicts (bench/reference-ratio.ts): a timer of its own, alternating order, the ratio of medians with a bootstrap interval of 95 %. They agree when the verdict is improved or regressed and the reference lies wholly on that side, or when it is equivalent and the reference is not wholly beyond ± ${MINIMUM_EFFECT * 100} %. An inconclusive verdict is open, and so is a reference that holds both 1 and what the verdict says. Claims are those of the changelogs. PAIRS=name,name tries some of them.`,
  run: () => withExample(EXAMPLE, { ownPackages: true }, judgeAll),
};

async function judgeAll(project: ExampleProject, connection: Connection): Promise<readonly Figure[]> {
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: project.directory });
  await connection.call('define_goals', await readExampleGoals(project.directory));
  const isAsked = isWanted('PAIRS');
  const pairs = (await readPackagePairs(project.directory)).filter(({ name }) => isAsked(name));
  const figures: Figure[] = [];
  for (const pair of pairs) {
    const judged = await judgeSwitch(project, connection, pair);
    const reference = await measureSwitch(project, pair);
    console.error(`${pair.name}: reference ${describeReference(reference)}`);
    figures.push(figureOf(pair, judged, reference));
  }
  const agreeing = figures.filter(({ outcome }) => outcome === 'pass').length;
  return [
    ...figures,
    {
      what: 'verdict and reference agree',
      value: `${agreeing} of ${figures.length}`,
      spread: `${figures.filter(({ outcome }) => outcome === 'fail').length} disagree`,
      n: figures.length,
      target: 'all',
      outcome: figures.some(({ outcome }) => outcome === 'fail')
        ? 'fail'
        : agreeing === figures.length
          ? 'pass'
          : 'open',
    },
  ];
}

async function judgeSwitch(
  { directory }: ExampleProject,
  connection: Connection,
  pair: PackagePair,
): Promise<JudgedChange> {
  const workload = pair.name;
  const file = join(directory, 'src', `${pair.name}.mjs`);
  const before = await readFile(file, 'utf8');
  await connection.call('measure_baseline', { workload, effort: EFFORT });
  await writeFile(file, switchVersion(before, pair));
  try {
    return await judgeChange(connection, { workload, effort: EFFORT, hypothesis: pair.says });
  } finally {
    await writeFile(file, before);
  }
}

/** Both modules in a directory beside the project, at equal depth and in names of equal length, with its packages. */
async function measureSwitch({ directory }: ExampleProject, pair: PackagePair): Promise<ReferenceRatio> {
  const reference = join(directory, '..', 'reference');
  const module = await readFile(join(directory, 'src', `${pair.name}.mjs`), 'utf8');
  await mkdir(join(reference, 'a'), { recursive: true });
  await mkdir(join(reference, 'b'));
  await symlink(join(directory, 'node_modules'), join(reference, 'node_modules'), 'dir');
  await cp(join(directory, 'inputs'), join(reference, 'inputs'), { recursive: true });
  const inputs = join(reference, 'inputs', `${pair.name}.mjs`);
  const [a, b] = ['a', 'b'].map((side) => ({ module: join(reference, side, 'timed.mjs'), inputs })) as [
    { module: string; inputs: string },
    { module: string; inputs: string },
  ];
  await writeFile(a.module, module);
  await writeFile(b.module, switchVersion(module, pair));
  try {
    return await measureReference(a, b, callsOf(BLOCKS));
  } finally {
    await rm(reference, { recursive: true });
  }
}

function figureOf(pair: PackagePair, judged: JudgedChange, reference: ReferenceRatio): Figure {
  const { change = null, interval = null } = judged.primary ?? {};
  const ends = interval?.map((end) => (1 + end).toFixed(2)).join(' to ') ?? 'no interval';
  const ratio = change === null ? '' : ` ${(1 + change).toFixed(2)}x (${ends})`;
  return {
    what: `${pair.package} ${pair.before} to ${pair.after}, claim: ${pair.claim}`,
    value: `${judged.verdict}${ratio}`,
    spread: `reference ${describeReference(reference)}`,
    n: reference.blocks,
    target: 'agree',
    outcome: compare(judged, reference),
  };
}

function compare({ verdict, primary }: JudgedChange, { interval: [low, high] }: ReferenceRatio): Outcome {
  const [ownLow, ownHigh] = primary?.interval ?? [-1, Infinity];
  // A reference that holds 1 and what the verdict says tells neither.
  const unless = low <= 1 + ownHigh && high >= 1 + ownLow ? 'open' : 'fail';
  switch (verdict) {
    case 'improved':
      return high < 1 ? 'pass' : unless;
    case 'regressed':
      return low > 1 ? 'pass' : unless;
    case 'equivalent':
      return low <= 1 + MINIMUM_EFFECT && high >= 1 - MINIMUM_EFFECT ? 'pass' : 'fail';
    case 'inconclusive':
      return 'open';
    case 'invalid':
      return 'fail';
  }
}

function describeReference({ ratio, interval: [low, high] }: ReferenceRatio): string {
  return `${ratio.toFixed(2)}x (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
