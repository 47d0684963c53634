import type { WindowEdge } from '../../core/ports/load.ts';
import type { QueryMeasurement } from '../../core/ports/queries.ts';
import {
  MIN_EXECUTIONS,
  orderOfSets,
  summarizeExecutions,
  type Execution,
} from '../../core/query/executions.ts';
import { median } from '../../core/stats/order-statistics.ts';
import { BEAT_MS, type MeasurePlan } from './child-plan.ts';
import type { Analyzed, Session } from './session.ts';

/** EXPLAIN ANALYZE of this many executions, or of one for each parameter set where there are more sets than that. */
const ANALYZED = { min: 5, max: 25 };

export interface Announce {
  readonly window: (edge: WindowEdge) => void;
  readonly beat: () => void;
}

/** Warm-up, timed executions, analysis, in that order: nothing that is timed is analysed at the same time. */
export async function runPlan(
  plan: MeasurePlan,
  session: Session,
  announce: Announce,
): Promise<QueryMeasurement> {
  const { params, executions, seed, limitMs } = plan;
  const setAt = (index: number): readonly unknown[] => params[index] ?? [];
  const beat = createBeat(announce.beat);

  const warmOrder = orderOfSets(params.length, seed + 1);
  const warmUntil = performance.now() + plan.warmupMs;
  do {
    await session.execute(setAt(warmOrder.next().value));
    await beat();
  } while (performance.now() < warmUntil);

  const order = orderOfSets(params.length, seed);
  const done: Execution[] = [];
  let rows = 0;
  announce.window('opens');
  // A turn of the event loop, so that the line is out before a library keeps the thread.
  await nextTurn();
  const serverBefore = session.serverCpuUs();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  while (done.length < executions) {
    const set = order.next().value;
    const executed = await session.execute(setAt(set));
    done.push({ set, ms: executed.ms });
    rows += executed.rows;
    if (done.length >= MIN_EXECUTIONS && performance.now() - startedAt > limitMs) break;
    await beat();
  }
  const durationMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  const serverAfter = session.serverCpuUs();
  announce.window('closes');

  const analysis = plan.analyze ? await analyze(session, params, beat) : undefined;
  return {
    ...summarizeExecutions(done, params.length, executions),
    rows: rows / done.length,
    executions: done.length,
    cutShort: done.length < executions,
    durationMs,
    clientCpuUs: cpu.user + cpu.system,
    serverCpuUs: serverBefore === null || serverAfter === null ? null : serverAfter - serverBefore,
    ...(analysis === undefined ? {} : { analysis }),
  };
}

async function analyze(
  session: Session,
  params: MeasurePlan['params'],
  beat: () => Promise<void>,
): Promise<Analyzed | undefined> {
  const count = Math.min(Math.max(ANALYZED.min, params.length), ANALYZED.max);
  const analyzed: Analyzed[] = [];
  for (let index = 0; index < count; index++) {
    const one = await session.analyze?.(params[index % params.length] ?? []);
    if (one === undefined) return undefined;
    analyzed.push(one);
    await beat();
  }
  return {
    planningMs: median(analyzed.map(({ planningMs }) => planningMs)),
    executionMs: median(analyzed.map(({ executionMs }) => executionMs)),
    buffers: median(analyzed.map(({ buffers }) => buffers)),
  };
}

/** Says now and then, between two executions, that the work goes on. */
function createBeat(say: () => void): () => Promise<void> {
  let next = performance.now();
  return async () => {
    if (performance.now() < next) return;
    say();
    next = performance.now() + BEAT_MS;
    await nextTurn();
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
