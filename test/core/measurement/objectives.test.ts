import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareToLimit, judgeObjectives, primaryMetric } from '../../../src/core/measurement/objectives.ts';
import type { Goals, Objective } from '../../../src/core/model/goals.ts';
import type { ObjectiveStatus } from '../../../src/core/model/measurement.ts';
import { NO_GOALS } from '../../../src/core/model/goals.ts';

const goals = (...objectives: Objective[]): Goals => ({ ...NO_GOALS, objectives });
const P95: Objective = { workload: 'w', metric: 'latency_p95_ms', max: 250 };
const RPS: Objective = { workload: 'w', metric: 'throughput_rps', min: 300 };
const ERRORS: Objective = { workload: 'w', metric: 'error_rate', max: 0.001 };

const choosePrimary = (set: Goals, workload: string, statuses: readonly ObjectiveStatus[]) =>
  primaryMetric(set, workload, statuses, 'cpu_us_per_request');

describe('compareToLimit', () => {
  it.each([
    [[10, 20], 'max', 20, 'met'],
    [[10, 20], 'max', 15, 'too_close_to_call'],
    [[10, 20], 'max', 10, 'too_close_to_call'],
    [[10, 20], 'max', 9.9, 'missed'],
    [[10, 20], 'min', 10, 'met'],
    [[10, 20], 'min', 15, 'too_close_to_call'],
    [[10, 20], 'min', 20, 'too_close_to_call'],
    [[10, 20], 'min', 20.1, 'missed'],
    [null, 'max', 1e9, 'too_close_to_call'],
  ] as const)('%j against %s %d is %s', (interval, bound, limit, status) => {
    expect(compareToLimit(interval, bound, limit)).toBe(status);
  });

  it('never calls a limit inside the interval, and mirrors between max and min', () => {
    const interval = fc.tuple(fc.integer(), fc.nat()).map(([low, width]) => [low, low + width] as const);
    fc.assert(
      fc.property(interval, fc.integer(), ([low, high], limit) => {
        const max = compareToLimit([low, high], 'max', limit);
        expect(compareToLimit([-high, -low], 'min', -limit)).toBe(max);
        if (low < limit && limit < high) expect(max).toBe('too_close_to_call');
      }),
    );
  });
});

describe('judgeObjectives', () => {
  it('judges those of the workload by the whole interval', () => {
    const estimates = {
      latency_p95_ms: {
        value: 300,
        interval: [280, 320] as [number, number],
        n: 6,
        confidence: 0.97,
        resolvable_effect: null,
      },
      throughput_rps: { value: 400, interval: null, n: 2, confidence: null, resolvable_effect: null },
    };
    expect(judgeObjectives(goals(P95, RPS, ERRORS, { ...P95, workload: 'other' }), 'w', estimates)).toEqual([
      {
        workload: 'w',
        metric: 'latency_p95_ms',
        target: 250,
        bound: 'max',
        status: 'missed',
        value: 300,
        interval: [280, 320],
        n: 6,
      },
      expect.objectContaining({
        metric: 'throughput_rps',
        bound: 'min',
        status: 'too_close_to_call',
        value: 400,
      }),
      expect.objectContaining({ metric: 'error_rate', status: 'not_measured', value: null, n: 0 }),
    ]);
  });
});

describe('primaryMetric', () => {
  const status = (metric: ObjectiveStatus['metric'], is: ObjectiveStatus['status']): ObjectiveStatus => ({
    workload: 'w',
    metric,
    target: 1,
    bound: 'max',
    status: is,
    value: 1,
    interval: null,
    n: 1,
  });

  it('is what the person marked, whatever is missed', () => {
    const marked = goals(P95, { ...RPS, primary: true });
    expect(choosePrimary(marked, 'w', [status('latency_p95_ms', 'missed')])).toBe('throughput_rps');
  });

  it('else the first missed one, but never the error rate: it is judged as a guardrail', () => {
    const statuses = [status('error_rate', 'missed'), status('throughput_rps', 'missed')];
    expect(choosePrimary(goals(ERRORS, P95, RPS), 'w', statuses)).toBe('throughput_rps');
  });

  it('else the first on speed, else what the kind decides by', () => {
    expect(choosePrimary(goals(ERRORS, P95, RPS), 'w', [status('latency_p95_ms', 'met')])).toBe(
      'latency_p95_ms',
    );
    expect(choosePrimary(goals(ERRORS), 'w', [])).toBe('cpu_us_per_request');
    expect(choosePrimary(goals({ ...P95, primary: true, workload: 'other' }), 'w', [])).toBe(
      'cpu_us_per_request',
    );
  });
});
