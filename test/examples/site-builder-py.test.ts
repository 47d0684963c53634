import { execFile, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { goalsSchema } from '../../src/core/model/goals.ts';
import { REPOSITORY } from '../support/built-package.ts';
import { startClientOfV1, type TestClient } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { readGoals } from '../support/test-project.ts';

const run = promisify(execFile);
const NAME = 'site-builder-py';
const example = join(REPOSITORY, 'examples', NAME);
const fixPatch = join(example, 'fix.patch');
const hasPython = spawnSync('python3', ['--version']).status === 0;

const foundSchema = z.object({
  bottlenecks: z.array(
    z.object({
      location: z.object({ function: z.string().optional(), file: z.string().optional() }),
      ceilings: z.array(z.object({ metric: z.string() })),
    }),
  ),
});

const PAGES = 110;
/** Of the pages that they make. */
const DIGEST = '997c6fb37581e835cd3dfcefae0756bc2e00144fa8157c7163047181bfd94d73';
const DIGEST_OF_160 = '62604c4a6d1575deb97e340992a5fa23c815056ff6fd4d036bb1c20d3f220df5';

function replaceIn(file: string, was: string, is: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(was);
  writeFileSync(file, text.replace(was, is));
}

interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

it('has goals that the schema takes, and every part of them is about its one workload', () => {
  const goals = goalsSchema.parse(JSON.parse(readFileSync(join(example, 'goals.json'), 'utf8')));
  expect(goals.workloads.map(({ name, kind }) => [name, kind])).toEqual([['build-site', 'command']]);
  for (const { workload } of goals.objectives) expect(workload).toBe('build-site');
});

describe.skipIf(!hasPython)(`examples/${NAME} (skipped where there is no python3)`, () => {
  const home = createTestHome();
  let project: string;
  let client: TestClient;

  beforeAll(async () => {
    project = join(home.newDirectory(NAME), NAME);
    cpSync(example, project, {
      recursive: true,
      filter: (path) => !/__pycache__|\/(content|out)$/.test(path),
    });
    // The quadratic cost of fewer pages is enough to see what there is to see, and tests are many.
    replaceIn(join(project, 'make_content.py'), 'PAGES = 160', `PAGES = ${PAGES}`);
    replaceIn(join(project, 'goals.json'), '160 pages', `${PAGES} pages`);
    replaceIn(join(project, 'tests', 'test_build.py'), DIGEST_OF_160, DIGEST);
    client = await startClientOfV1({ cwd: project, env: home.env });
    await client.call('define_goals', readGoals(project));
  });
  afterAll(() => client.close());

  const inProject = (command: string, ...args: string[]) => run(command, args, { cwd: project });

  it('passes its own tests as it stands, with the fix and with the no-op', async () => {
    const test = () => inProject('python3', '-m', 'unittest', 'discover', '-s', 'tests');
    expect((await test()).stderr).toMatch(/Ran 6 tests[^]*OK/);
    for (const patch of ['fix.patch', 'noop.patch']) {
      await inProject('git', 'apply', join(example, patch));
      expect((await test()).stderr).toMatch(/Ran 6 tests[^]*OK/);
      await inProject('git', 'apply', '-R', join(example, patch));
    }
  });

  it('is measured, its cause is named, and the fix is seen to be one', async () => {
    const measured = await client.call('measure_baseline', { effort: 'quick' });
    expect(measured.isError, measured.text).toBe(false);
    const estimates = measured.data['estimates'] as Readonly<Record<string, Estimate | undefined>>;
    expect(measured.data['load']).toMatchObject({ kind: 'command', runs: 1 });
    expect(estimates['cpu_ms']?.value).toBeGreaterThan(0);
    expect(estimates['wall_ms']?.value).toBeGreaterThan(0);
    expect(estimates['context_switches']?.value).toBeGreaterThan(0);
    // Python with these modules: more than 6 MiB, and far less than the goals allow.
    expect(estimates['rss_peak_bytes']?.value).toBeGreaterThan(6 * 2 ** 20);
    expect(estimates['rss_peak_bytes']?.value).toBeLessThan(64 * 2 ** 20);
    expect(measured.text).toMatch(/CPU time/);
    expect(home.processes(client.pid)).toEqual([]);

    const found = await client.call('find_bottlenecks', { effort: 'quick' });
    expect(found.isError, found.text).toBe(false);
    // Each link makes the slugs of all titles anew.
    const [first] = foundSchema.parse(found.data).bottlenecks;
    expect(first?.location.file, found.text).toBe('sitebuilder/links.py');
    expect(['find_note', 'slugify']).toContain(first?.location.function);
    expect(first?.ceilings.map(({ metric }) => metric)).toContain('cpu_ms');
    expect(home.processes(client.pid)).toEqual([]);

    await inProject('git', 'apply', fixPatch);
    const judged = await client.call('validate_change', {
      effort: 'quick',
      hypothesis: 'An index by slug replaces the search through all notes',
    });
    expect(judged.isError, judged.text).toBe(false);
    // Measured: 0.4 s of CPU become 0.07.
    expect(judged.data).toMatchObject({
      verdict: 'improved',
      tests: { status: 'passed' },
      behaviour: { status: 'equal', compared: 1, masked: [] },
    });
    const comparisons = judged.data['comparisons'] as readonly {
      readonly metric: string;
      readonly role: string;
      readonly change: number;
    }[];
    const primary = comparisons.find(({ role }) => role === 'primary');
    expect(primary?.metric).toBe('cpu_ms');
    expect(primary?.change).toBeLessThan(-0.4);
    expect(home.processes(client.pid)).toEqual([]);
    await inProject('git', 'apply', '-R', fixPatch);
  }, 240_000);

  it('a cache that survives on disk wins the blocks, and not the verdict', async () => {
    const builder = join(project, 'build.py');
    const slow = readFileSync(builder, 'utf8');
    const cheat = slow
      .replace('import pathlib', 'import hashlib\nimport pathlib\nimport shutil')
      .replace(
        '    backlinks = collect_backlinks(notes)\n',
        [
          '    seen = pathlib.Path(".seen") / hashlib.sha1(repr(notes).encode()).hexdigest()',
          '    if seen.exists():',
          '        shutil.copytree(seen, out, dirs_exist_ok=True)',
          '        return len(notes)',
          '    backlinks = collect_backlinks(notes)',
          '',
        ].join('\n'),
      )
      .replace('    return len(notes)\n\n\n', '    shutil.copytree(out, seen)\n    return len(notes)\n\n\n');
    expect(cheat.match(/copytree/g)).toHaveLength(2);
    writeFileSync(builder, cheat);
    const judged = await client.call('validate_change', { workload: 'build-site', effort: 'quick' });
    writeFileSync(builder, slow);
    expect(judged.isError, judged.text).toBe(false);
    expect(judged.data, judged.text).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringContaining('CPU time is kept on disk') as string,
      tests: { status: 'passed' },
      behaviour: { status: 'equal' },
    });
    expect(judged.text).toMatch(/gain_kept_on_disk.*first processes.*\.seen\//);
    expect(judged.data['review_flags']).toContainEqual(
      expect.objectContaining({ kind: 'state-on-disk', file: 'build.py' }),
    );
    // The blocks themselves are as they were measured.
    const comparisons = judged.data['comparisons'] as readonly {
      readonly role: string;
      readonly change: number;
    }[];
    expect(comparisons.find(({ role }) => role === 'primary')?.change).toBeLessThan(-0.3);
  }, 240_000);

  it('a command that hangs is ended with all it started, and the next measurement is like any other', async () => {
    const hang = {
      name: 'hang',
      kind: 'command',
      command: ['sh', '-c', 'setsid sleep 1000 & echo started; sleep 1000'],
      timeout_s: 1,
    };
    await client.call('define_goals', { workloads: [hang] });
    const failed = await client.call('measure_baseline', { workload: 'hang', effort: 'quick' });
    expect(failed.isError).toBe(true);
    expect(failed.text).toMatch(/limit of 1 s/);
    expect(failed.text).toContain('started');
    expect(home.processes(client.pid)).toEqual([]);
    await client.call('define_goals', { workloads: [{ ...hang, command: ['sh', '-c', 'exit 0'] }] });
    const next = await client.call('measure_baseline', { workload: 'hang', effort: 'quick' });
    expect(next.isError, next.text).toBe(false);
    // Nothing is done but starting.
    expect(next.text).toContain('start_overhead');
  }, 120_000);
});
