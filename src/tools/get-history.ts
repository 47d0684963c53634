import { z } from 'zod';
import { readLoopState, type LoopState } from '../loop/history.ts';
import { toRunError } from '../loop/run-errors.ts';
import { describeLoop, summarizeLoop } from '../render/history.ts';
import { defineTool } from './definition.ts';
import { projectDir, recordId } from './parameters.ts';
import { NAME } from '../core/model/workloads/common.ts';

const row = z.record(z.string(), z.unknown());

const ledgerRow = z.object({
  baseline_id: z.string(),
  workload: z.string(),
  attempts: z.int(),
  candidates: z.int(),
});

const output = z.object({
  way: z.array(row).describe('first and latest baseline of each workload'),
  baselines: z.array(row),
  bottlenecks: z.array(row),
  experiments: z.array(row),
  ledger: z.array(ledgerRow),
  decisions: z.array(row),
  budgets: z.array(row),
  runs: z.array(row),
});

export const getHistoryTool = defineTool({
  name: 'get_history',
  title: 'Where does the loop stand',
  description:
    'All records, newest first, and the next call. Call it first in a project with earlier work, or when context is lost. A section pages through one kind of record.',
  effect: 'reads',
  input: z.strictObject({
    project_dir: projectDir,
    section: z.enum(['overview', 'baselines', 'experiments', 'bottlenecks', 'runs']).optional(),
    workload: NAME.optional(),
    limit: z.int().min(1).max(50).optional(),
    before: recordId.optional().describe('id of the last record of the page before'),
  }),
  output,
  handle: async ({ section = 'overview', workload, limit = 10, before }, { project }) => {
    const state = await readLoopState(project, workload);
    const payload = { ...present(state), ...(await page()) };
    return {
      status: 'done',
      summary: summarizeLoop(state),
      ...payload,
      warnings: [],
      next_steps: [state.next],
      links: [],
    };

    async function page() {
      if (section === 'overview') return {};
      const filter = {
        limit,
        ...(before === undefined ? {} : { before }),
        ...(workload === undefined ? {} : { workload }),
      };
      const none = {
        way: [],
        baselines: [],
        bottlenecks: [],
        experiments: [],
        ledger: [],
        decisions: [],
        budgets: [],
        runs: [],
      };
      switch (section) {
        case 'baselines':
          return { ...none, baselines: (await project.store.baselines.list(filter)).map((r) => ({ ...r })) };
        case 'experiments':
          return {
            ...none,
            experiments: (await project.store.experiments.list(filter)).map((r) => ({ ...r })),
          };
        case 'bottlenecks':
          return {
            ...none,
            bottlenecks: (await project.store.bottlenecks.list(filter)).map(
              ({ id, title, workload: of, kind }) => ({ id, title, workload: of, kind }),
            ),
          };
        case 'runs':
          return { ...none, runs: (await project.store.runs.list(filter)).map(runRow) };
      }
    }
  },
  render: describeLoop,
});

function present(state: LoopState): z.output<typeof output> {
  return {
    way: state.way.map(({ workload, metric, first, latest, kept }) => ({
      workload,
      metric,
      first_id: first.id,
      latest_id: latest.id,
      ...(kept === null ? {} : { kept }),
      metrics: Object.fromEntries(
        Object.entries(latest.estimates).map(([name, estimate]) => [
          name,
          {
            first: first.estimates[name as keyof typeof first.estimates]?.value ?? null,
            latest: estimate.value,
          },
        ]),
      ),
    })),
    baselines: state.baselines.map((r) => ({ ...r })),
    bottlenecks: state.bottlenecks.map((r) => ({ ...r })),
    experiments: state.experiments.map((r) => ({ ...r })),
    ledger: state.ledger.map((r) => ({ ...r })),
    decisions: state.decisions.map((r) => ({ ...r })),
    budgets: state.budgets.map(({ id, metric, max, min }) => ({
      id,
      metric,
      ...(max === undefined ? { min } : { max }),
    })),
    runs: state.runs.map(runRow),
  };
}

function runRow(run: LoopState['runs'][number]) {
  const { id, tool, state, progress, created_at } = run;
  const why = run.error === null ? {} : { error: toRunError(run).message };
  return { id, tool, state, progress: progress.message, ...why, created_at };
}
