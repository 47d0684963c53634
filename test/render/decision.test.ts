import { describe, expect, it } from 'vitest';
import { renderDecision } from '../../src/render/decision.ts';
import { anExperiment } from '../support/records.ts';

const KEEP = {
  title: 'Compile the pattern once',
  kind: 'keep',
  rationale: 'It pays on every page.',
  created_at: '2026-11-25T10:00:00.000Z',
} as const;

const whole = anExperiment({
  baseline_snapshot: {
    ...anExperiment().baseline_snapshot,
    head: { commit: 'a'.repeat(40), branch: 'main', dirty: false },
  },
  candidate_snapshot: {
    ...anExperiment().candidate_snapshot,
    head: { commit: 'a'.repeat(40), branch: 'main', dirty: true },
  },
  objectives: (['baseline', 'candidate'] as const).map((side) => ({
    side,
    status: {
      workload: 'list-posts',
      metric: 'latency_p95_ms',
      target: 40,
      bound: 'max',
      status: side === 'baseline' ? 'missed' : 'met',
      value: side === 'baseline' ? 41.5 : 34,
      interval: null,
      n: 11,
    },
  })),
  review_flags: [{ kind: 'cache', file: 'src/posts.mjs', line: 7, text: 'const cache = new Map(); // `x`' }],
  warnings: [{ code: 'busy_machine', message: 'Other programs used up to 20 % of the machine.' }],
  attempt_of_baseline: 3,
});

describe('a decision file', () => {
  const file = renderDecision('0007', whole, KEEP);

  it('stands alone: decision, reasons, numbers, goals, correctness, doubts, code, method', () => {
    expect(file.match(/^#+ .*/gm)).toEqual([
      '# 0007. Compile the pattern once',
      '## Why',
      '## Hypothesis',
      '## Numbers',
      '## Goals and constraints',
      '## Is it still right?',
      '## To look at',
      '## What weakens it',
      '## Change',
      '## How it was measured',
    ]);
    expect(file).toContain('- Decision: **keep**\n- Date: 2026-11-25\n');
    expect(file).toMatch(/latency p95 +\| primary +\| 41.5 ms +\| 34 ms +\| −18 % \[−21, −15\] +\| improved/);
    expect(file).toContain('hold with 97 % over all looks');
    expect(file).toMatch(/latency p95 ≤ 40 ms \| missed \(41.5 ms\) \| met \(34 ms\)/);
    expect(file).toContain('- Tests: passed (`npm test`)');
    expect(file).toContain('- Answers: equal on both sides for 12 inputs. Left out');
    expect(file).toContain("- cache: `src/posts.mjs:7` `const cache = new Map(); // 'x'`");
    expect(file).toContain('- Other programs used up to 20 % of the machine.');
    expect(file).toContain('Comparison 3 against this baseline.');
  });

  it('names commits, which a reviewer has, and the call that measures it again', () => {
    expect(file).toContain(
      'From commit `aaaaaaaaaaaa` of main (snapshot `snap_0123456789ab`) to a working tree on commit `aaaaaaaaaaaa` of main',
    );
    const call = { workload: 'list-posts', against: 'a'.repeat(40), effort: 'standard' };
    expect(file).toContain(`\`validate_change ${JSON.stringify(call)}\``);
  });

  it('tells what the same change did on other workloads', () => {
    const text = renderDecision('0007', whole, KEEP, [
      { workload: 'search', verdict: 'regressed', reason: 'CPU per request regressed' },
    ]);
    expect(text).toContain(
      '## The same change on other workloads\n\n- search: **regressed**, CPU per request regressed\n',
    );
  });

  it('does not hide that something else than a gain was kept', () => {
    const text = renderDecision('0008', { ...whole, verdict: 'inconclusive' }, KEEP);
    expect(text).toContain('- Decision: **keep** though the verdict is "inconclusive"\n');
    const [primary] = whole.comparisons;
    if (!primary) throw new Error('the record has no comparison');
    const rss = { ...primary, metric: 'rss_peak_bytes', role: 'guardrail', verdict: 'regressed' } as const;
    const costs = renderDecision(
      '0009',
      { ...whole, comparisons: [primary, { ...rss, change: 0.19, interval: [0.14, 0.23] }] },
      KEEP,
    );
    expect(costs).toContain('**keep** though peak RSS regressed (+19 % [+14, +23])\n');
  });

  it('has no sections of what is not there, and says when nothing was timed', () => {
    const bare = anExperiment({
      hypothesis: null,
      comparisons: [],
      blocks: 0,
      verdict: 'invalid',
      reason: 'the candidate could not be run: it exits with 1',
      failure: { side: 'candidate', code: 'start_failed', message: 'It exits with 1.', fix: '…' },
      tests: { status: 'failed', command: ['npm', 'test'], exit_code: 1, output_tail: '1 of 9 failed ```' },
      behaviour: { status: 'not_checked', compared: 0, masked: [], differing: 0, differences: [] },
    });
    const text = renderDecision('0009', bare, { ...KEEP, kind: 'revert' });
    expect(text.match(/^## .*/gm)).toEqual([
      '## Why',
      '## Numbers',
      '## Is it still right?',
      '## Change',
      '## How it was measured',
    ]);
    expect(text).toContain('Nothing was timed.');
    expect(text).toContain("```text\n1 of 9 failed '''\n```");
    expect(text).toContain('- The candidate failed: It exits with 1.');
    expect(text).not.toMatch(/undefined|null|NaN/);
  });
});
