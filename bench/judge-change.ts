import type { ReviewFlag } from '../src/core/integrity/review-flag.ts';
import type { Comparison, Mechanism, TestResult, Verdict } from '../src/core/model/experiment.ts';
import type { Warning } from '../src/core/model/warning.ts';
import type { Connection } from './example-project.ts';

/** What validate_change answered, of what the benches read, and how long the client waited for it. */
export interface JudgedChange {
  readonly experiment_id: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly summary: string;
  readonly blocks: number;
  readonly primary: Comparison | null;
  readonly comparisons: readonly Pick<Comparison, 'metric' | 'role' | 'verdict'>[];
  readonly tests: TestResult;
  readonly mechanism: Mechanism | null;
  readonly review_flags: readonly ReviewFlag[];
  readonly warnings: readonly Warning[];
  readonly seconds: number;
}

export async function judgeChange(
  connection: Connection,
  call: Readonly<Record<string, unknown>>,
): Promise<JudgedChange> {
  const startedMs = performance.now();
  const answer = await connection.call('validate_change', call);
  const seconds = (performance.now() - startedMs) / 1000;
  const judged = { ...answer, seconds } as unknown as JudgedChange; // what the tool's own schema says
  console.error(
    `${judged.verdict} after ${seconds.toFixed(1)} s and ${judged.blocks} blocks: ${judged.summary}`,
  );
  return judged;
}
