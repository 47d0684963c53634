import { EFFORTS } from '../core/efforts.ts';
import { InputError, TargetError } from '../core/errors.ts';
import { estimateSide } from '../core/measurement/estimates.ts';
import type { Artifact } from '../core/model/evidence.ts';
import type { Goals, Workload } from '../core/model/goals.ts';
import type { AppliedLoad, Effort, Sample, Snapshot } from '../core/model/measurement.ts';
import { METRICS, type MetricName } from '../core/model/metrics.ts';
import type { Sweep, SweepFit, SweepPoint } from '../core/model/sweep.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { seededRandom } from '../core/random.ts';
import { fitComplexity } from '../core/scaling/complexity-class.ts';
import { nextSaturationStep, type Trial, type TrialOutcome } from '../core/scaling/saturation.ts';
import { settingAt, type PointSetting, type SweepPlan } from '../core/scaling/sweep-plan.ts';
import { fitScalability } from '../core/scaling/universal-scalability-law.ts';
import { conditionWarnings } from '../core/measurement/condition-warnings.ts';
import { measurerOf } from './kinds/index.ts';
import { exclusively } from './measure/exclusively.ts';
import { prepareCheckout } from './measure/prepare.ts';
import { createSide } from './measure/side.ts';
import type { RunHandle } from './runs.ts';

export interface SweepRunRequest {
  readonly workload: Workload;
  readonly goals: Goals;
  readonly effort: Effort;
  /** Absent: a search for the highest rate whose objectives hold. */
  readonly plan: SweepPlan | 'saturation';
  readonly seed?: number;
  /** Draws the points and the curve; passed in, because pictures belong to render/. */
  readonly draw: (sweep: Sweep, workload: string) => string;
}

export interface SweepResult {
  readonly sweep: Sweep;
  readonly snapshot: Snapshot;
  readonly load: AppliedLoad;
  readonly processes: number;
  readonly pictures: readonly Artifact[];
}

/** Fresh processes at each point: a curve needs many points more than it needs each of them narrow. */
const ROUNDS: Readonly<Record<Effort, number>> = { quick: 2, standard: 3, thorough: 6 };

/** How far around the calibrated rate a search for saturation goes. */
const SATURATION_SPAN = 64;

/** Measures a workload at several points of one dimension, in rounds of random order, and fits what the dimension allows. */
export async function measureSweep(
  ports: Ports,
  project: Project,
  request: SweepRunRequest,
  run: RunHandle,
): Promise<SweepResult> {
  return await exclusively(ports, project, run.id, async () => {
    const { workload, effort } = request;
    run.report({ fraction: 0.01, message: 'taking a snapshot', etaS: null });
    const snapshot = await project.snapshots.take();
    const { directory } = await prepareCheckout(ports, project, {
      snapshot,
      workload,
      runId: run.id,
      slot: 'a',
      signal: run.signal,
    });
    const context = {
      runId: run.id,
      directory,
      projectDirectory: project.directory,
      plan: EFFORTS[effort],
      signal: run.signal,
    };
    run.report({ fraction: 0.05, message: 'settling the load', etaS: null });
    const { load } = await measurerOf(workload).settle(ports, context);
    const seed = request.seed ?? ports.entropy.seed();
    const measure: MeasurePoint = (setting, pointSeed) =>
      createSide(ports, { ...context, ...setting, prices: request.goals.prices })(pointSeed);
    const base = { workload, load };
    /** What is called together depends on how long a call takes, and that on the size. */
    const settle = async (setting: PointSetting, size: number): Promise<PointSetting> => ({
      ...setting,
      load: (await measurerOf(setting.workload).settle(ports, { ...context, size })).load,
    });
    const measured =
      request.plan === 'saturation'
        ? await searchSaturation(request, { run, seed, base, measure })
        : await measurePoints(request.plan, { run, seed, base, measure, settle, rounds: ROUNDS[effort] });
    const samples = measured.points.flatMap((point) => point.samples);
    const sweep: Sweep = {
      ...describePlan(request),
      metric: metricOf(request),
      points: measured.points.map(toPoint),
      fit: fitOf(request, measured.points, seed),
      knee: measured.knee,
      plots: [],
      warnings: [...conditionWarnings(samples, ports.machine.cpuPlan() !== undefined)],
    };
    const pictures = await keep(ports, project, request, sweep, run);
    return {
      sweep: { ...sweep, plots: pictures.map(({ id }) => id) },
      snapshot,
      load,
      processes: samples.length,
      pictures,
    };
  });
}

type MeasuredSample = Omit<Sample, 'side' | 'block' | 'position'>;
type MeasurePoint = (setting: PointSetting, seed: number) => Promise<MeasuredSample>;

interface MeasuredPoint {
  readonly value: number | string;
  readonly samples: readonly MeasuredSample[];
  readonly failed: string | undefined;
}

interface Measured {
  readonly points: readonly MeasuredPoint[];
  readonly knee: Sweep['knee'];
}

interface Work {
  readonly run: RunHandle;
  readonly seed: number;
  readonly base: PointSetting;
  readonly measure: MeasurePoint;
}

/** In each round every point once, in an order of its own: drift of the machine must not look like a curve. */
async function measurePoints(
  plan: SweepPlan,
  work: Work & {
    readonly rounds: number;
    readonly settle: (setting: PointSetting, size: number) => Promise<PointSetting>;
  },
): Promise<Measured> {
  const random = seededRandom(work.seed);
  const points = plan.values.map((value) => ({
    value,
    setting: undefined as PointSetting | undefined,
    samples: [] as MeasuredSample[],
    failed: undefined as string | undefined,
  }));
  const total = points.length * work.rounds;
  let done = 0;
  for (let round = 0; round < work.rounds; round++) {
    for (const point of random.shuffle(points)) {
      work.run.report({
        fraction: 0.1 + 0.85 * (done / total),
        message: `${plan.over} ${point.value}, round ${round + 1} of ${work.rounds}`,
        etaS: null,
        partial: { points: points.filter(({ samples }) => samples.length > 0).map(({ value }) => value) },
      });
      done += 1;
      // What failed once would fail again; the other points go on.
      if (point.failed !== undefined) continue;
      try {
        if (point.setting === undefined) {
          const setting = settingAt(plan, point.value, work.base);
          const takesSize = plan.over === 'size' && setting.load.kind === 'function';
          point.setting = takesSize ? await work.settle(setting, Number(point.value)) : setting;
        }
        point.samples.push(await work.measure(point.setting, random.int(2 ** 31)));
      } catch (error) {
        if (work.run.signal.aborted || !(error instanceof TargetError)) throw error;
        point.failed = error.message;
      }
    }
  }
  if (points.every(({ samples }) => samples.length === 0)) {
    throw new TargetError('no_samples', `No point of the sweep gave a sample: ${points[0]?.failed ?? ''}`, {
      fix: 'Measure a baseline of the workload first; it tells the whole error.',
      next: [
        {
          tool: 'measure_baseline',
          arguments: { workload: work.base.workload.name, effort: 'quick' },
          why: 'see the error',
        },
      ],
    });
  }
  return { points, knee: null };
}

/** Doubles, halves and bisects the rate; a rate holds or fails only when all its fresh processes agree. */
async function searchSaturation(request: SweepRunRequest, work: Work): Promise<Measured> {
  const { goals, workload, effort } = request;
  const { load } = work.base;
  if (load.kind !== 'http') {
    throw new InputError('invalid_arguments', `A ${workload.kind} workload has no rate to saturate.`, {
      fix: 'Use an http workload.',
    });
  }
  const objectives = goals.objectives.filter(
    ({ workload: name, metric }) => name === workload.name && 'ofOpenLoop' in METRICS[metric],
  );
  if (objectives.length === 0) {
    throw new InputError(
      'invalid_arguments',
      `"${workload.name}" has no objective that a rate could break.`,
      {
        fix: 'Set one on a latency percentile or on error_rate.',
        next: [
          {
            tool: 'define_goals',
            arguments: { objectives: [{ workload: workload.name, metric: 'latency_p95_ms', max: 250 }] },
            why: 'say what must hold',
          },
        ],
      },
    );
  }
  const random = seededRandom(work.seed);
  const plan = {
    startPerS: load.rate_per_s,
    minimumPerS: load.rate_per_s / SATURATION_SPAN,
    maximumPerS: load.rate_per_s * SATURATION_SPAN,
  };
  const trials: Trial[] = [];
  const byRate = new Map<number, { samples: MeasuredSample[]; failed: string | undefined }>();
  for (;;) {
    const step = nextSaturationStep(plan, trials);
    if (step.kind === 'done') {
      const points = [...byRate].sort(([a], [b]) => a - b).map(([value, point]) => ({ value, ...point }));
      return { points, knee: step.knee };
    }
    const rate = step.ratePerS;
    work.run.report({
      fraction: 0.1 + 0.85 * (trials.length / (trials.length + 4)),
      message: `trial ${trials.length + 1}: ${Math.round(rate)} requests a second`,
      etaS: null,
      partial: { trials },
    });
    const point = byRate.get(rate) ?? { samples: [], failed: undefined };
    byRate.set(rate, point);
    const fresh: MeasuredSample[] = [];
    try {
      for (let process = 0; process < ROUNDS[effort]; process++) {
        fresh.push(
          await work.measure({ workload, load: { ...load, rate_per_s: rate } }, random.int(2 ** 31)),
        );
      }
      trials.push({ ratePerS: rate, outcome: judge(objectives, fresh) });
    } catch (error) {
      // A program that breaks down under a rate does not hold it.
      if (work.run.signal.aborted || !(error instanceof TargetError)) throw error;
      point.failed = error.message;
      trials.push({ ratePerS: rate, outcome: 'fails' });
    }
    point.samples.push(...fresh);
  }
}

function judge(objectives: Goals['objectives'], samples: readonly MeasuredSample[]): TrialOutcome {
  const keeps = (sample: MeasuredSample): boolean =>
    objectives.every(({ metric, max = Infinity, min = -Infinity }) => {
      const value = sample.metrics[metric];
      return value !== undefined && value <= max && value >= min;
    });
  if (samples.every(keeps)) return 'holds';
  return samples.some(keeps) ? 'undecided' : 'fails';
}

function describePlan({ plan }: SweepRunRequest): Pick<Sweep, 'over' | 'variable'> {
  if (plan === 'saturation') return { over: 'rate_per_s' };
  return { over: plan.over, ...(plan.variable === undefined ? {} : { variable: plan.variable }) };
}

/** What is looked at along the dimension: the first objective's metric for a rate, throughput for concurrency, else what the kind decides by. */
function metricOf({ plan, workload, goals }: SweepRunRequest): MetricName {
  const over = plan === 'saturation' ? 'rate_per_s' : plan.over;
  if (over === 'connections') return 'throughput_rps';
  if (over === 'rate_per_s') {
    const named = goals.objectives.find(
      ({ workload: name, metric }) => name === workload.name && 'ofOpenLoop' in METRICS[metric],
    );
    return named?.metric ?? 'latency_p95_ms';
  }
  return measurerOf(workload).defaultPrimary;
}

function fitOf(request: SweepRunRequest, points: readonly MeasuredPoint[], seed: number): SweepFit {
  const over = request.plan === 'saturation' ? 'rate_per_s' : request.plan.over;
  const metric = metricOf(request);
  const valuesAt = ({ samples }: MeasuredPoint) => samples.flatMap((sample) => sample.metrics[metric] ?? []);
  switch (over) {
    case 'connections':
      return fitScalability(
        points.map((point) => ({ concurrency: Number(point.value), throughputs: valuesAt(point) })),
        { seed },
      );
    case 'size':
      return fitComplexity(points.map((point) => ({ size: Number(point.value), times: valuesAt(point) })));
    case 'rate_per_s':
    case 'environment':
      return { kind: 'none', reason: 'no_law', text: `No law is known for a sweep over ${over}.` };
  }
}

function toPoint({ value, samples, failed }: MeasuredPoint): SweepPoint {
  return { value, estimates: estimateSide(samples), ...(failed === undefined ? {} : { failed }) };
}

/** The curve as SVG and PNG, and all of it as JSON. */
async function keep(
  ports: Ports,
  project: Project,
  request: SweepRunRequest,
  sweep: Sweep,
  run: RunHandle,
): Promise<readonly Artifact[]> {
  const title = `${METRICS[sweep.metric].title} of ${request.workload.name} over ${sweep.variable ?? sweep.over}`;
  const create = (
    kind: Artifact['kind'],
    form: string,
    mime: string,
    extension: string,
    content: string | Uint8Array,
  ) =>
    project.store.artifacts.create(
      {
        id: ports.entropy.id('art'),
        run_id: run.id,
        kind,
        title: `${title} (${form})`,
        mime_type: mime,
        extension,
        created_at: ports.clock.now(),
      },
      content,
    );
  const svg = request.draw(sweep, request.workload.name);
  return [
    await create('plot-svg', 'SVG', 'image/svg+xml', 'svg', svg),
    await create(
      'plot-png',
      'PNG',
      'image/png',
      'png',
      await ports.pictures.png(svg, { signal: run.signal }),
    ),
    await create('sweep', 'all numbers', 'application/json', 'json', JSON.stringify(sweep, null, 2)),
  ];
}
