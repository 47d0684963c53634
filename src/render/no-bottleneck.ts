import type { DetectorInput } from '../core/detectors/index.ts';
import { MIN_BUSY_SAMPLES } from '../core/detectors/detector.ts';
import { shapeOf } from '../core/memory/growth.ts';
import { describeShares } from './bottlenecks.ts';

type Seen = Pick<DetectorInput, 'attribution' | 'memory' | 'database'>;

interface RequestTime {
  readonly requests: number;
  readonly p50: Readonly<Record<string, number>>;
}

/** Where nothing was found, an answer says what was looked at, and what it showed: a pass that saw nothing is no proof. */
export function describeNoBottleneck(
  { attribution, memory, database }: Seen,
  time: RequestTime | null,
): string {
  const { busySamples } = attribution.totals;
  const waiting =
    time === null
      ? 'no request was traced'
      : `a usual request (${time.requests} traced) is ${describeShares(time.p50)}`;
  const cpu =
    busySamples < MIN_BUSY_SAMPLES
      ? `CPU: too few busy samples to tell (${busySamples})`
      : `CPU: nothing takes 5 % of the busy time (${busySamples} samples)`;
  const heap =
    memory === undefined || memory.growth === null
      ? 'memory: growth was not measured'
      : `memory: ${HEAPS[shapeOf(memory.growth)]} after ${memory.growth.heapUsedBytes.length} equal loads`;
  const plans =
    database === undefined
      ? []
      : [
          `database: ${database.plans.length} plan(s) and ${database.locks.length} wait(s) for a lock looked at`,
        ];
  return `No bottleneck stands out: ${[waiting, cpu, heap, ...plans].join('; ')}.`;
}

const HEAPS = {
  grows: 'the heap grows',
  'levels-off': 'the heap levels off',
  steady: 'the heap is as large as before',
} as const;
