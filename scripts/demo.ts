/**
 * The whole loop on a real service, as an agent would walk it: a real MCP client over stdio, the built server, real load.
 * `npm run demo`. Ends with 0 only when every step said what it should.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const server = join(root, 'dist/main.js');
const home = await mkdtemp(join(tmpdir(), 'deep-optimize-demo-'));
const project = join(home, 'slow-api');
await cp(join(root, 'examples/slow-api'), project, { recursive: true });
await symlink(join(root, 'node_modules'), join(project, 'node_modules'));
const env = { ...inherited(), DEEP_OPTIMIZE_HOME: join(home, 'state') };

const started = Date.now();
const client = new Client({ name: 'deep-optimize-demo', version: '1' });
await client.connect(
  new StdioClientTransport({ command: process.execPath, args: [server], cwd: project, env }),
);

interface Answer {
  readonly status: string;
  readonly [field: string]: unknown;
}

try {
  await walk();
  say(`\nDone in ${secondsSince(started)} s. Everything is in ${project}/.deep-optimize:`);
  say('  artifacts/*.html and *.svg   flamegraphs (open the .html in a browser)');
  say('  history.db                   baselines, experiments and their samples');
  say('  decisions/, goals.json, budgets.json   what you would commit');
} finally {
  await client.close();
}

async function walk(): Promise<void> {
  title('1. Goals: what the server drafts by itself, then what a person confirmed');
  await call('define_goals', {});
  const { workloads, objectives, constraints, correctness } = JSON.parse(
    await readFile(join(project, 'goals.json'), 'utf8'),
  ) as Record<string, unknown>;
  await call('define_goals', { workloads, objectives, constraints, correctness });

  title('2. Baseline: where the code stands');
  const baseline = await call('measure_baseline', { effort: 'quick' });

  title('3. Bottlenecks: what costs, and where');
  const found = await call('find_bottlenecks', { effort: 'quick' });
  const first = (
    found['bottlenecks'] as {
      bottleneck_id: string;
      location: { function?: string; file?: string; line?: number };
    }[]
  )[0];
  expect(
    first?.location.function === 'significantWords' &&
      first.location.file === 'src/similarity.js' &&
      first.location.line !== undefined,
    'the planted function is the first bottleneck',
  );
  await call('inspect_evidence', { bottleneck_id: first?.bottleneck_id, view: 'lines', limit: 5 });

  title('4. Strategies: what could be done about it');
  const proposed = await call('propose_strategies', { bottleneck_id: first?.bottleneck_id, limit: 3 });
  const strategy = (proposed['strategies'] as { id: string }[])[0]?.id;

  title('5a. A change that does nothing (renamed variables), judged');
  patch('noop.patch');
  const noop = await call('validate_change', {
    against: baseline['baseline_id'],
    hypothesis: 'shorter names make it faster',
    effort: 'quick',
  });
  expect(
    noop['verdict'] === 'equivalent' || noop['verdict'] === 'inconclusive',
    'the no-op change is not called faster or slower',
  );
  patch('noop.patch', 'reverse');
  await call('record_decision', {
    experiment_id: noop['experiment_id'],
    decision: 'revert',
    rationale: 'No effect, as measured.',
  });

  title('5b. A real fix, judged');
  patch('fix.patch');
  const fix = await call('validate_change', {
    against: baseline['baseline_id'],
    hypothesis: 'tokenise once at start and score each candidate once',
    strategy_id: strategy,
    effort: 'quick',
  });
  const primary = (fix['comparisons'] as { role: string; interval: unknown }[]).find(
    (c) => c.role === 'primary',
  );
  expect(
    fix['verdict'] === 'improved' && Array.isArray(primary?.interval),
    'the fix is improved, with an interval',
  );
  await call('record_decision', {
    experiment_id: fix['experiment_id'],
    decision: 'keep',
    rationale: 'Same answers, several times less CPU. Costs some memory for the index.',
  });

  title('6. Guard: a budget, checked as CI would');
  await call('define_goals', {
    objectives: [
      {
        workload: 'recommendations',
        metric: 'cpu_us_per_request',
        max: limitBetween(fix, 'cpu_us_per_request'),
      },
    ],
  });
  await call('add_budget', { metric: 'cpu_us_per_request' });
  await call('get_history', {});
  check(0, 'the budget holds with the fix');
  patch('fix.patch', 'reverse');
  check(1, 'the budget fails when the fix is taken back');
}

/**
 * A limit that the fixed code keeps by far and the old code breaks by far, on a machine of any speed: halfway between
 * the two on a logarithmic scale, in two digits. CPU time, because other work on the machine hardly moves it.
 */
function limitBetween(experiment: Answer, metric: string): number {
  const compared = (experiment['comparisons'] as Compared[]).find(
    (comparison) => comparison.metric === metric,
  );
  if (!compared) throw new Error(`The experiment did not compare ${metric}.`);
  return Number(Math.sqrt(compared.baseline * compared.candidate).toPrecision(2));
}

interface Compared {
  readonly metric: string;
  readonly baseline: number;
  readonly candidate: number;
}

/** Calls a tool and, while its run goes on, waits with get_run as the answer says. Prints what an agent would read. */
async function call(name: string, args: Record<string, unknown>): Promise<Answer> {
  say(`\n> ${name} ${shorten(JSON.stringify(args))}`);
  let answer = await request(name, args);
  while (answer.status === 'running') {
    answer = await request('get_run', { run_id: answer['run_id'] });
  }
  return answer;
}

async function request(name: string, args: Record<string, unknown>): Promise<Answer> {
  const result = await client.callTool({ name, arguments: args }, undefined, {
    onprogress: ({ progress, message }) =>
      process.stderr.write(`\r\u001b[2K  ${String(Math.round(progress)).padStart(3)} % ${message ?? ''}`),
  });
  process.stderr.write('\r\u001b[2K');
  const content = result.content as { type: string; text?: string }[];
  say(indent(content[0]?.text ?? ''));
  if (result.isError === true) throw new Error(`${name} failed`);
  return result.structuredContent as Answer;
}

function patch(file: string, direction: 'apply' | 'reverse' = 'apply'): void {
  say(`\n$ git apply ${direction === 'reverse' ? '--reverse ' : ''}${file}`);
  const result = spawnSync('git', ['apply', ...(direction === 'reverse' ? ['--reverse'] : []), file], {
    cwd: project,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`git apply ${file}: ${result.stderr}`);
}

function check(wanted: number, what: string): void {
  say('\n$ deep-optimize check');
  const result = spawnSync(process.execPath, [server, 'check'], {
    cwd: project,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  say(indent(result.stdout.trim()));
  say(`  exit code ${result.status ?? 'none'}`);
  expect(result.status === wanted, what);
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`Expected that ${what}.`);
  say(`  ✓ ${what}`);
}

function title(text: string): void {
  say(`\n=== ${text} (after ${secondsSince(started)} s)`);
}

function secondsSince(time: number): number {
  return Math.round((Date.now() - time) / 1000);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
