import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readExpectedChanges, type ExpectedChange } from '../test/support/planted-changes.ts';
import type { Bench, Figure } from './bench.ts';
import { readExampleGoals, withExample, type Connection, type ExampleProject } from './example-project.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { callsOf, isWanted } from './verdict-calls.ts';
import { countVerdicts } from './verdict-figures.ts';

const run = promisify(execFile);
const EXAMPLE = 'planted-changes';
/** Of a change that does nothing, which chance could make look like something. */
const NO_OP_CALLS = 20;
const EFFORT = 'quick';

export const plantedChanges: Bench = {
  name: 'planted-changes',
  title: 'Changes with a known answer',
  method: `The patches of examples/planted-changes, one after the other, on a copy through an MCP client over stdio at effort \`${EFFORT}\`, against one baseline of each workload; what is expected of each stands in its expected.json. The no-op is asked about ${NO_OP_CALLS} times, with another comment each time. Where a finding is blamed, \`find_bottlenecks\` has found it before. PLANTED=name,name tries some of them.`,
  run: () => withExample(EXAMPLE, {}, judgeAll),
};

async function judgeAll(project: ExampleProject, connection: Connection): Promise<readonly Figure[]> {
  const isAsked = isWanted('PLANTED');
  const expected = (await readExpectedChanges(project.directory)).filter(({ change }) => isAsked(change));
  await connection.call('define_goals', await readExampleGoals(project.directory));
  const figures: Figure[] = [];
  const blamed = new Map<string, string>();
  for (const one of expected) {
    const { workload } = one;
    if (!blamed.has(workload)) {
      await connection.call('measure_baseline', { workload, effort: EFFORT });
      blamed.set(workload, '');
    }
    if (one.blamed !== undefined && blamed.get(workload) === '')
      blamed.set(workload, await findBlamed(connection, workload, one.blamed));
    const bottleneck = one.blamed === undefined ? {} : { bottleneck_id: blamed.get(workload) };
    const judged: JudgedChange[] = [];
    for (let call = 0; call < (one.never === undefined ? 1 : callsOf(NO_OP_CALLS)); call++)
      judged.push(
        await withChange(project, one, call, () =>
          judgeChange(connection, { workload, effort: EFFORT, hypothesis: one.why, ...bottleneck }),
        ),
      );
    figures.push(figureOf(one, judged));
  }
  return figures;
}

/** The finding about that file: the one whose cost the change is said to remove. */
async function findBlamed(connection: Connection, workload: string, file: string): Promise<string> {
  const answer = await connection.call('find_bottlenecks', { workload, effort: EFFORT });
  const bottlenecks = answer['bottlenecks'] as readonly {
    readonly bottleneck_id: string;
    readonly location?: { readonly file?: string };
  }[];
  const found = bottlenecks.find(({ location }) => location?.file === file);
  if (found === undefined) throw new Error(`find_bottlenecks blames nothing in ${file}.`);
  return found.bottleneck_id;
}

async function withChange<T>(
  { directory }: ExampleProject,
  { change }: ExpectedChange,
  call: number,
  work: () => Promise<T>,
): Promise<T> {
  const patch = join('changes', `${change}.patch`);
  const [, file = ''] = /^\+\+\+ b\/(\S+)/m.exec(await readFile(join(directory, patch), 'utf8')) ?? [];
  await run('git', ['apply', patch], { cwd: directory });
  const path = join(directory, file);
  const changed = await readFile(path, 'utf8');
  // Each call judges a candidate of its own, not a repeat of the one before.
  if (call > 0) await writeFile(path, `${changed}// call ${call}\n`);
  try {
    return await work();
  } finally {
    await writeFile(path, changed);
    await run('git', ['apply', '-R', patch], { cwd: directory });
  }
}

function figureOf(expected: ExpectedChange, judged: readonly JudgedChange[]): Figure {
  const faults = [...new Set(judged.flatMap((one) => faultsOf(expected, one)))];
  return {
    what: expected.change,
    value: countVerdicts(judged.map(({ verdict }) => verdict)),
    spread: faults.length === 0 ? expected.why : faults.join('; '),
    n: judged.length,
    target: describe(expected),
    outcome: faults.length === 0 ? 'pass' : 'fail',
  };
}

function faultsOf(expected: ExpectedChange, judged: JudgedChange): readonly string[] {
  const { verdict, never = [], tests, mechanism, guardrail, flags = [] } = expected;
  const got = {
    mechanism: judged.mechanism?.status,
    guardrail: judged.comparisons.find(({ metric }) => metric === guardrail)?.verdict,
  };
  return [
    ...(verdict !== undefined && judged.verdict !== verdict ? [`the verdict is ${judged.verdict}`] : []),
    ...(never.includes(judged.verdict) ? [`once the verdict is ${judged.verdict}`] : []),
    ...(tests !== undefined && judged.tests.status !== tests ? [`the tests ${judged.tests.status}`] : []),
    ...(mechanism !== undefined && got.mechanism !== mechanism
      ? [`the mechanism is ${got.mechanism ?? 'not looked at'}: ${judged.mechanism?.reason ?? ''}`]
      : []),
    ...(guardrail !== undefined && got.guardrail !== 'regressed'
      ? [`guardrail ${guardrail} is ${got.guardrail ?? 'not there'}`]
      : []),
    ...flags
      .filter(
        ({ kind, file }) => !judged.review_flags.some((flag) => flag.kind === kind && flag.file === file),
      )
      .map(({ kind, file }) => `no flag ${kind} on ${file}`),
  ];
}

function describe({ verdict, never, mechanism, guardrail, flags }: ExpectedChange): string {
  return [
    ...(verdict === undefined ? [] : [verdict]),
    ...(never === undefined ? [] : [`never ${never.join(', ')}`]),
    ...(mechanism === undefined ? [] : [`mechanism ${mechanism}`]),
    ...(guardrail === undefined ? [] : [`guardrail ${guardrail} regressed`]),
    ...(flags ?? []).map(({ kind }) => `flag ${kind}`),
  ].join('; ');
}
