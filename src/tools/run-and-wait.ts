import type { Envelope } from '../core/model/result.ts';
import type { Run } from '../core/model/run.ts';
import { toRunError } from '../loop/run-errors.ts';
import type { Job, RunSpec, RunView } from '../loop/runs.ts';
import type { ToolContext } from './definition.ts';
import { DEFAULT_WAIT_S } from './parameters.ts';

/** Starts a run (or joins the one of the same key), waits for it as long as asked, and answers with its result or its state. */
export async function runAndWait(
  context: ToolContext,
  spec: RunSpec,
  waitS: number | undefined,
  job: Job,
): Promise<Envelope> {
  const id = await context.runs.start(context.project, spec, job);
  return await waitForRun(context, id, waitS);
}

export async function waitForRun(
  context: ToolContext,
  id: string,
  waitS = DEFAULT_WAIT_S,
): Promise<Envelope> {
  const view = await context.runs.wait(context.project, id, {
    waitMs: waitS * 1000,
    signal: context.signal,
    onProgress: context.progress,
  });
  return answerOf(view);
}

export function answerOf({ run, partial }: RunView): Envelope {
  if (run.state === 'done') return run.result as Envelope; // written by this server's own handler
  if (run.state === 'running') return running(run, partial);
  throw toRunError(run);
}

function running(
  run: Run,
  partial: Readonly<Record<string, unknown>> | undefined,
): Envelope & { readonly partial?: unknown } {
  const { fraction, message, eta_s } = run.progress;
  const left = eta_s === null ? 'time left unknown' : `about ${Math.ceil(eta_s)} s left`;
  return {
    status: 'running',
    run_id: run.id,
    summary: `${run.tool} is ${Math.round(fraction * 100)} % done: ${message}; ${left}.`,
    ...(partial === undefined ? {} : { partial }),
    warnings: [],
    next_steps: [{ tool: 'get_run', arguments: { run_id: run.id }, why: 'wait for the result' }],
    links: [],
  };
}
