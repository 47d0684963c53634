import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { StatementPlan, StatementShare } from '../../../src/core/database/model.ts';
import { readPostgresPlan } from '../../../src/core/database/read-plan.ts';

export type RecordedPlan =
  | 'missing-index'
  | 'missing-index-generic'
  | 'indexed'
  | 'filter-after-scan'
  | 'bad-estimate'
  | 'sort-spill'
  | 'hash-spill'
  | 'nested-loop'
  | 'update';

const fileSchema = z.object({
  sql: z.string(),
  fingerprint: z.string(),
  mode: z.enum(['analyze', 'estimate']),
  plan: z.unknown(),
  tableRows: z.record(z.string(), z.number()),
});

export function recordedPlan(name: RecordedPlan, share: StatementShare | null = null): StatementPlan {
  const file = new URL(`../../fixtures/postgres-plans/15/${name}.json`, import.meta.url);
  const { sql, plan, ...rest } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { ...rest, ...readPostgresPlan(plan), text: sql, share };
}
